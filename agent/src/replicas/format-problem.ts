import { MAX_REPLICA_REASON_LENGTH, type ServiceReplicasReport } from '@flotilla/contracts';
import type { ReplicaDetails } from './replica-docker.ts';

/** Status of a process that was ended by SIGKILL (128 + 9). */
const KILLED = 137;

/** Why an image could not be had, and what to do about it. */
export function formatImageProblem(image: string, words: string): string {
  const isRefused = /unauthorized|denied|authentication|forbidden/i.test(words);
  const remedy = isRefused
    ? 'Check the registry’s user and password, and the image’s name.'
    : 'Check the image’s name and tag, and whether this node reaches the registry.';
  return bound(`The image ${image} cannot be pulled: ${words.trim()}. ${remedy}`);
}

/** Why a container was not made, or not started. */
export function formatStartProblem(words: string): string {
  return bound(`Docker does not start the container: ${words.trim()}`);
}

/** How a replica ended that was to run on, with the last that it wrote. */
export function formatExit(
  { exitCode, wasOutOfMemory, error }: Pick<ReplicaDetails, 'exitCode' | 'wasOutOfMemory' | 'error'>,
  lastLines: readonly string[],
): string {
  const how = wasOutOfMemory
    ? 'The container was ended because it used more memory than its limit, or than the host has. Raise the memory limit'
    : error === ''
      ? `The container ended with exit code ${exitCode}${exitCode === KILLED ? ' (killed from outside)' : ''}`
      : `Docker could not run the container: ${error}`;
  const said = lastLines.length === 0 ? 'It wrote nothing.' : `It wrote last: ${lastLines.join(' ⏎ ')}`;
  return bound(`${how}. ${said}`);
}

/** @param answer what its last probe said, in words that follow "it …"; null without one */
export function formatLateness(readyTimeoutMs: number, answer: string | null): string {
  const within = `within ${readyTimeoutMs / 1000} s`;
  return bound(`The container did not become ready ${within}: it ${answer ?? 'was not asked yet'}.`);
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

function bound(text: string): string {
  return text.length <= MAX_REPLICA_REASON_LENGTH ? text : `${text.slice(0, MAX_REPLICA_REASON_LENGTH - 1)}…`;
}
