import { MAX_REPLICA_REASON_LENGTH, type ServiceReplicasReport } from '@flotilla/contracts';
import type { ProbeComplaint } from './probe-replica.ts';
import type { ReplicaDetails } from './replica-docker.ts';

const MEBIBYTE = 2 ** 20;

/** What to do about words of Docker, of a registry or of a host; the first that fits counts. */
type Remedies = readonly (readonly [words: RegExp, remedy: string])[];

const FULL_DISK = [/no space left/i, 'Free space on this node’s disk.'] as const;
const IMAGE_REMEDIES: Remedies = [
  FULL_DISK,
  [/toomanyrequests|rate limit/i, 'Give a user and password of the registry, which allow more, or wait.'],
  [
    /unauthorized|denied|authentication|credentials|forbidden/i,
    'Check the registry’s user and password, and the image’s name.',
  ],
  [/no matching manifest/i, 'Choose an image that is made for this node’s processor.'],
];
const OTHER_IMAGE_REMEDY = 'Check the image’s name and tag, and whether this node reaches the registry.';

const START_REMEDIES: Remedies = [
  FULL_DISK,
  [/cannot allocate memory/i, 'Give this node more memory, or run less on it.'],
  [/network .*not found|could not find .*network/i, 'Make this network on the node, or choose another.'],
  [/bind source path does not exist|invalid mount|mount/i, 'Make the folder on this node, or correct the volumes.'],
  [/permission denied/i, 'Choose a program that may be executed, in entrypoint or command.'],
  [/no such file|not found|exec/i, 'Check entrypoint and command: the program has to be in the image.'],
  [/cpus|memory/i, 'Correct the limits of CPU and memory: this node has to have as much.'],
];
const OTHER_START_REMEDY = 'Correct what Docker names in the service’s settings, or on this node.';

const EXIT_REMEDIES: Readonly<Record<number, string>> = {
  0: 'Its command has come to an end: choose one that goes on, and stays in the foreground.',
  126: 'Its command may not be executed: check entrypoint and command.',
  127: 'Its command is not in the image: check entrypoint and command.',
  137: 'It was killed: look on this node for who did, or whether memory was short.',
  143: 'It was told to end: look on this node for who did.',
};
const OTHER_EXIT_REMEDY = 'Check its command, environment and volumes.';

/** What to do about a replica that was removed behind the agent’s back. */
export const REMOVED_PROBLEM =
  'The container was removed by somebody else. To have fewer, lower the number of replicas; another is made instead of it.';

/** Why an image could not be had, and what to do about it. */
export function formatImageProblem(image: string, words: string): string {
  const remedy = findRemedy(IMAGE_REMEDIES, words) ?? OTHER_IMAGE_REMEDY;
  return compose(`The image ${image} cannot be pulled: ${endSentence(words)}`, remedy);
}

/** Why a container was not made, or not started, and what to do about it. */
export function formatStartProblem(words: string): string {
  const remedy = findRemedy(START_REMEDIES, words) ?? OTHER_START_REMEDY;
  return compose(`Docker does not start the container: ${endSentence(words)}`, remedy);
}

/** How a replica ended that was to run on, what to do about it, and the last that it wrote. */
export function formatExit(
  details: Pick<ReplicaDetails, 'exitCode' | 'wasOutOfMemory' | 'memoryLimitBytes' | 'error'>,
  lastLines: readonly string[],
): string {
  const said = lastLines.length === 0 ? 'It wrote nothing.' : `It wrote last: ${lastLines.join(' ⏎ ')}`;
  return bound(`${formatEnd(details)} ${said}`);
}

function formatEnd({
  exitCode,
  wasOutOfMemory,
  memoryLimitBytes,
  error,
}: Pick<ReplicaDetails, 'exitCode' | 'wasOutOfMemory' | 'memoryLimitBytes' | 'error'>): string {
  if (wasOutOfMemory) return formatOutOfMemory(memoryLimitBytes);
  if (error !== '') {
    const remedy = findRemedy(START_REMEDIES, error) ?? OTHER_START_REMEDY;
    return compose(`Docker could not run the container: ${endSentence(error)}`, remedy);
  }
  return `The container ended with exit code ${exitCode}. ${EXIT_REMEDIES[exitCode] ?? OTHER_EXIT_REMEDY}`;
}

function formatOutOfMemory(limitBytes: number | null): string {
  return limitBytes === null
    ? 'The container ran out of memory: this node has no more. Give the node more memory, or run less on it.'
    : `The container ran out of memory: it needs more than its limit of ${Math.round(limitBytes / MEBIBYTE)} MiB. ` +
        'Raise the memory limit, or let the application need less.';
}

/** @param answer what its last probe said, and what to do about it; null without one */
export function formatLateness(readyTimeoutMs: number, answer: ProbeComplaint | null): string {
  const within = `within ${readyTimeoutMs / 1000} s`;
  const { reason, remedy } = answer ?? { reason: 'was not asked yet', remedy: 'Look whether this node is overloaded.' };
  return compose(
    `The container did not become ready ${within}: it ${endSentence(reason)}`,
    `${remedy} If it only takes long, raise the time to become ready.`,
  );
}

/** Why a replica is replaced that was ready and still runs. */
export function formatIllness(answer: ProbeComplaint | null): string {
  const { reason, remedy } = answer ?? { reason: 'lost its health', remedy: 'Look at its log.' };
  return compose(`The container was ready, and is replaced: it ${endSentence(reason)}`, remedy);
}

/** Why nginx does not serve the replicas that are ready. @param words nginx’s own */
export function formatRosterProblem(words: string): string {
  return compose(
    `nginx does not take the replicas, and goes on with those before: ${endSentence(words)}`,
    'Correct what it names in the service’s settings; it is tried again by itself.',
  );
}

/**
 * What an operator has to know of a service's replicas; null when all is well.
 * @param failure why a replica of the newest settings failed last; empty for none
 * @param roster why nginx does not serve the replicas that are ready; null when it does
 */
export function formatServiceProblem(
  rollout: ServiceReplicasReport['rollout'],
  failure: string,
  roster: string | null,
): string | null {
  if (rollout === 'rolled_back') return formatRollback(failure);
  return rollout === 'settled' || failure === '' ? roster : failure;
}

/** What an operator is told of a rollout that did not go through. */
export function formatRollback(reason: string): string {
  return bound(
    `The newest settings did not start, and the version before runs on. Change them, or save them again to try once more. ${reason}`,
  );
}

function findRemedy(remedies: Remedies, words: string): string | null {
  return remedies.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

function endSentence(words: string): string {
  const trimmed = words.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** Too long a problem is cut, never what to do about it. */
function compose(problem: string, remedy: string): string {
  return `${bound(problem, MAX_REPLICA_REASON_LENGTH - remedy.length - 1)} ${remedy}`;
}

function bound(text: string, length = MAX_REPLICA_REASON_LENGTH): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
