import type { ContainerTemplate, ReplicaSettings } from '@flotilla/contracts';
import { findContainerTemplate, type DatabaseSession, type StoredContainerTemplate } from '@flotilla/core-db';
import { BadRequest } from '../http/index.ts';
import type { SealedSecrets } from './replica-secrets.ts';
import type { SecretBox } from './secret-box.ts';

/** For a form to be filled in and saved, and saved again when something in it was refused. */
export const TEMPLATE_LIFETIME_MS = 3_600_000;

/** What a node has read as it may be stored. Nobody knows which values are secrets, so all of them are. */
export function sealTemplate({ container, ...rest }: ContainerTemplate, box: SecretBox): StoredContainerTemplate {
  const environment = container.environment.map(({ name, value }) => ({
    name,
    isSecret: true,
    value: box.seal(value),
  }));
  return { ...rest, container: { ...container, environment, registry: null } };
}

/**
 * The secrets that a save of a service need not say: those of the template that it was filled in from before those that it has.
 * @throws BadRequest when there is no such template any more
 */
export async function readKnownSecrets(
  tx: DatabaseSession,
  templateId: string | undefined,
  before: ReplicaSettings | null,
  now: Date,
): Promise<SealedSecrets | null> {
  const former = before?.container ?? null;
  if (templateId === undefined) return former;
  const found = await findContainerTemplate(tx, templateId, now);
  if (found === null) {
    const message =
      'is not known, or older than an hour; choose the container again, or leave it out and type the values';
    throw new BadRequest('The container’s values are forgotten by now.', [{ field: 'templateId', message }]);
  }
  // The later one of two of one name counts.
  const environment = [...(former?.environment ?? []), ...found.template.container.environment];
  return { environment, registry: former?.registry ?? null };
}
