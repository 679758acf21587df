import type { ReplicasInput, ReplicasView, ServiceInputDraft } from '@flotilla/contracts';
import { formatWords } from './format-words.ts';
import { parseWords } from './parse-words.ts';

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/** A number as `v-model.number` gives it: an emptied field is an empty text. */
type Typed = number | '';
type Container = ReplicasInput['container'];

export interface VariableForm {
  name: string;
  value: string;
  isSecret: boolean;
  /** Under this name the Core has a secret value, which it never shows; null for none. */
  storedName: string | null;
}

/** What the form edits of a service's replicas; switched off it keeps what was typed. */
export interface ReplicasForm {
  isOn: boolean;
  image: string;
  pull: Container['pull'];
  /** As in a shell; empty for the image's own. */
  entrypoint: string;
  command: string;
  /** Empty for the image's own. */
  user: string;
  workingDirectory: string;
  environment: VariableForm[];
  volumes: Container['volumes'];
  /** Empty for Docker's default. */
  network: string;
  /** Empty for no limit. */
  cpuLimit: Typed;
  memoryLimit: Typed;
  memoryUnit: 'mebibyte' | 'gibibyte';
  labels: Container['labels'];
  registry: { isOn: boolean; username: string; password: string; storedUser: string | null };
  /** Empty for the image's own. */
  stopSignal: string;
  stopGraceSeconds: Typed;
  health: { kind: Container['health']['kind']; path: string };
  count: Typed;
  maxSurge: Typed;
  maxUnavailable: Typed;
  readyTimeoutSeconds: Typed;
  drainSeconds: Typed;
  slowStartSeconds: Typed;
  /** Of the container that the form was filled in from: the Core has its secrets under it. Null for none. */
  templateId: string | null;
}

/** What a container has, whoever runs it. */
type ContainerField =
  | 'image'
  | 'pull'
  | 'entrypoint'
  | 'command'
  | 'user'
  | 'workingDirectory'
  | 'environment'
  | 'volumes'
  | 'network'
  | 'cpuLimit'
  | 'memoryLimit'
  | 'memoryUnit'
  | 'labels'
  | 'registry'
  | 'stopSignal'
  | 'stopGraceSeconds'
  | 'health';

/** The defaults of the contracts. */
export function emptyReplicas(): ReplicasForm {
  return {
    isOn: false,
    image: '',
    pull: 'missing',
    entrypoint: '',
    command: '',
    user: '',
    workingDirectory: '',
    environment: [],
    volumes: [],
    network: '',
    cpuLimit: '',
    memoryLimit: '',
    memoryUnit: 'mebibyte',
    labels: [],
    registry: { isOn: false, username: '', password: '', storedUser: null },
    stopSignal: '',
    stopGraceSeconds: 10,
    health: { kind: 'image', path: '/' },
    count: 1,
    maxSurge: 1,
    maxUnavailable: 0,
    readyTimeoutSeconds: 60,
    drainSeconds: 30,
    slowStartSeconds: 10,
    templateId: null,
  };
}

/** The form of stored replicas. Secrets come without values, and are marked as stored. */
export function readReplicas(stored: ReplicasView | null): ReplicasForm {
  const empty = emptyReplicas();
  if (stored === null) return empty;
  const { container, count, rollout, drainMs, slowStartMs } = stored;
  return {
    ...empty,
    ...readContainer(container),
    isOn: true,
    count,
    maxSurge: rollout.maxSurge,
    maxUnavailable: rollout.maxUnavailable,
    readyTimeoutSeconds: rollout.readyTimeoutMs / 1000,
    drainSeconds: drainMs / 1000,
    slowStartSeconds: slowStartMs / 1000,
  };
}

/** What each of them is made of. */
export function readContainer(container: ReplicasView['container']): Pick<ReplicasForm, ContainerField> {
  const { memoryLimitBytes: memory, registry, health } = container;
  const isWholeGibibytes = memory !== null && memory % GIBIBYTE === 0;
  return {
    image: container.image,
    pull: container.pull,
    entrypoint: formatWords(container.entrypoint ?? []),
    command: formatWords(container.command ?? []),
    user: container.user ?? '',
    workingDirectory: container.workingDirectory ?? '',
    environment: container.environment.map(({ name, value, isSecret }) => ({
      name,
      value: value ?? '',
      isSecret,
      storedName: isSecret ? name : null,
    })),
    volumes: container.volumes.map((volume) => ({ ...volume })),
    network: container.network ?? '',
    cpuLimit: container.cpuLimit ?? '',
    memoryLimit: memory === null ? '' : memory / (isWholeGibibytes ? GIBIBYTE : MEBIBYTE),
    memoryUnit: isWholeGibibytes ? 'gibibyte' : 'mebibyte',
    labels: container.labels.map((label) => ({ ...label })),
    registry:
      registry === null
        ? emptyReplicas().registry
        : { isOn: true, username: registry.username, password: '', storedUser: registry.username },
    stopSignal: container.stopSignal ?? '',
    stopGraceSeconds: container.stopGraceMs / 1000,
    health: { kind: health.kind, path: health.kind === 'http' ? health.path : '/' },
  };
}

/** Whether the Core keeps the secret that it has: nothing was typed in its place. */
export function keepsStored({ name, value, storedName }: VariableForm): boolean {
  return storedName !== null && storedName === name && value === '';
}

/** What the form sends; null where Flotilla runs no containers. The Core checks it and names what is wrong. */
export function writeReplicas(form: ReplicasForm): NonNullable<ServiceInputDraft['replicas']> | null {
  if (!form.isOn) return null;
  const { registry, health } = form;
  const unitBytes = form.memoryUnit === 'gibibyte' ? GIBIBYTE : MEBIBYTE;
  return {
    container: {
      image: form.image,
      pull: form.pull,
      entrypoint: writeWords(form.entrypoint),
      command: writeWords(form.command),
      user: orNull(form.user),
      workingDirectory: orNull(form.workingDirectory),
      // Without a value the stored one stays.
      environment: form.environment.map((variable) => ({
        name: variable.name,
        isSecret: variable.isSecret,
        ...(!keepsStored(variable) && { value: variable.value }),
      })),
      volumes: form.volumes,
      network: orNull(form.network),
      cpuLimit: form.cpuLimit === '' ? null : form.cpuLimit,
      memoryLimitBytes: form.memoryLimit === '' ? null : Math.round(form.memoryLimit * unitBytes),
      labels: form.labels,
      registry: registry.isOn
        ? { username: registry.username, ...(registry.password !== '' && { password: registry.password }) }
        : null,
      stopSignal: orNull(form.stopSignal),
      stopGraceMs: writeSeconds(form.stopGraceSeconds),
      health: health.kind === 'http' ? { kind: 'http', path: health.path } : { kind: health.kind },
    },
    count: writeNumber(form.count),
    rollout: {
      maxSurge: writeNumber(form.maxSurge),
      maxUnavailable: writeNumber(form.maxUnavailable),
      readyTimeoutMs: writeSeconds(form.readyTimeoutSeconds),
    },
    drainMs: writeSeconds(form.drainSeconds),
    slowStartMs: writeSeconds(form.slowStartSeconds),
  };
}

/** Words that cannot be read are sent as none, which the Core refuses by name; null would mean "the image's own". */
function writeWords(text: string): string[] | null {
  const words = parseWords(text);
  if (words === null) return [];
  return words.length === 0 ? null : words;
}

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text;
}

/** An emptied field travels as null and is refused by name; as 0 it would mean something. */
function writeNumber(typed: Typed): number {
  return typed === '' ? Number.NaN : typed;
}

function writeSeconds(typed: Typed): number {
  return typed === '' ? Number.NaN : Math.round(typed * 1000);
}
