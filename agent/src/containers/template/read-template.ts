import type { ContainerTemplate } from '@flotilla/contracts';
import { withinBound } from '@flotilla/runtime';
import Docker from 'dockerode';
import { planTemplate } from './plan-template.ts';

const REQUEST_TIMEOUT_MS = 10_000;

/** A container’s settings as the template of replicas; null when there is no such container. @throws when Docker does not answer */
export type ReadTemplate = (container: string, signal: AbortSignal) => Promise<ContainerTemplate | null>;

export function createTemplateReader(socketPath: string): ReadTemplate {
  const docker = new Docker({ socketPath });
  // The library can abort every request but this one.
  const inspectImage = (name: string) =>
    orNull(withinBound('the image', REQUEST_TIMEOUT_MS, docker.getImage(name).inspect()));
  return async (name, signal) => {
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    const container = await orNull(docker.getContainer(name).inspect({ abortSignal }));
    if (container === null) return null;
    const [image, named] = await Promise.all([inspectImage(container.Image), inspectImage(container.Config.Image)]);
    return planTemplate({ container, image, namedImageId: named?.Id ?? null });
  };
}

async function orNull<Value>(call: Promise<Value>): Promise<Value | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return null;
    throw error;
  }
}
