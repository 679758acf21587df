import { z } from 'zod';
import { port } from '../values/port.ts';
import { containerReading } from './container-spec.ts';

/** What of a container replicas do not get. */
export const untakenSetting = z.enum([
  'image',
  'movedImage',
  'entrypoint',
  'command',
  'user',
  'workingDirectory',
  'environment',
  'removedVariables',
  'labels',
  'metricsLabels',
  'volumes',
  'anonymousVolumes',
  'temporaryFiles',
  'mountOptions',
  'network',
  'hostNetwork',
  'noNetwork',
  'containerNetwork',
  'otherNetworks',
  'networkAliases',
  'fixedAddress',
  'links',
  'publishedPorts',
  'nameServers',
  'hostNames',
  'cpuLimit',
  'memoryLimit',
  'swap',
  'memoryReservation',
  'cpuPlacement',
  'blockIo',
  'processLimits',
  'outOfMemory',
  'sharedMemory',
  'privileged',
  'capabilities',
  'securityOptions',
  'devices',
  'kernelSettings',
  'namespaces',
  'groups',
  'readOnlyRoot',
  'init',
  'terminal',
  'hostname',
  'runtime',
  'logging',
  'storageOptions',
  'stopSignal',
  'stopGrace',
  'health',
  'restartPolicy',
]);
export type UntakenSetting = z.infer<typeof untakenSetting>;

export const MAX_UNTAKEN = 100;
export const MAX_UNTAKEN_DETAIL_LENGTH = 300;

/** One setting that was not taken over, and why. */
export const untaken = z.object({
  /** One of `untakenSetting`, or what a newer agent calls it. */
  setting: z.string().max(64),
  /** Which ones, by name, never a variable's value; null when there is nothing to add. */
  detail: z.string().max(MAX_UNTAKEN_DETAIL_LENGTH).nullable(),
  /** Why, and what is there in its place. */
  reason: z.string().max(500),
});
export type Untaken = z.infer<typeof untaken>;

/** A container of a node, as the template of a service's replicas. */
export const containerTemplate = z.object({
  containerId: z.string().max(64),
  name: z.string().max(255),
  container: containerReading,
  /** TCP ports that it listens on, as far as image and settings say; the likeliest first. */
  ports: z.array(port).max(100),
  untaken: z.array(untaken).max(MAX_UNTAKEN),
});
export type ContainerTemplate = z.infer<typeof containerTemplate>;
