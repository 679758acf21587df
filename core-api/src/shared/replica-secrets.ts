import type { ContainerSpec, ReplicasInput, ReplicaSettings, ReplicasView } from '@flotilla/contracts';
import { BadRequest } from '../http/index.ts';
import type { SecretBox } from './secret-box.ts';

type Variable = ContainerSpec['environment'][number];
/** What is known of a container's secrets, sealed. */
export type SealedSecrets = Pick<ContainerSpec, 'environment' | 'registry'>;

/**
 * Seals what is secret in settings that were typed; a secret without a value keeps the stored one.
 * @param known the secrets of the settings before, and of a template
 * @throws BadRequest that names each value that is missing
 */
export function sealReplicas(
  input: ReplicasInput | null,
  known: SealedSecrets | null,
  box: SecretBox,
): ReplicaSettings | null {
  if (input === null) return null;
  const { environment, registry, ...container } = input.container;
  const missing: { field: string; message: string }[] = [];
  const keep = (field: string, message: string, before: string | undefined): string => {
    if (before === undefined) missing.push({ field: `replicas.container.${field}`, message });
    return before ?? '';
  };
  const values = new Map(known?.environment.filter(({ isSecret }) => isSecret).map(({ name, value }) => [name, value]));
  const sealed: Variable[] = environment.map(({ name, value, isSecret }, index) => {
    if (value !== undefined) return { name, isSecret, value: isSecret ? box.seal(value) : value };
    const before = isSecret ? values.get(name) : undefined;
    return { name, isSecret, value: keep(`environment.${index}.value`, `is needed for ${name}`, before) };
  });
  const account = registry && {
    username: registry.username,
    password:
      registry.password === undefined
        ? keep('registry.password', `is needed for ${registry.username}`, findPassword(known, registry.username))
        : box.seal(registry.password),
  };
  if (missing.length > 0) throw new BadRequest('Some values of the container are missing.', missing);
  return { ...input, container: { ...container, environment: sealed, registry: account } };
}

/** Another user's password is another password. */
function findPassword(known: SealedSecrets | null, username: string): string | undefined {
  const registry = known?.registry;
  return registry?.username === username ? registry.password : undefined;
}

/** Settings as people may see them: secrets by name only. */
export function hideReplicaSecrets(stored: ReplicaSettings | null): ReplicasView | null {
  if (stored === null) return null;
  const { environment, registry, ...container } = stored.container;
  return {
    ...stored,
    container: {
      ...container,
      environment: environment.map(({ name, value, isSecret }) =>
        isSecret ? { name, isSecret } : { name, value, isSecret },
      ),
      registry: registry && { username: registry.username },
    },
  };
}

/** Settings as the node needs them. @throws SealError */
export function openReplicaSecrets(stored: ReplicaSettings, box: SecretBox): ReplicaSettings {
  const { environment, registry, ...container } = stored.container;
  return {
    ...stored,
    container: {
      ...container,
      environment: environment.map((one) => (one.isSecret ? { ...one, value: box.open(one.value) } : one)),
      registry: registry && { ...registry, password: box.open(registry.password) },
    },
  };
}
