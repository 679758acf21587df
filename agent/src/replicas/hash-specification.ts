import { createHash } from 'node:crypto';
import type { ContainerSpec } from '@flotilla/contracts';

/**
 * Two replicas of one hash are made of the same. Who pulls the image and how a replica's health is asked for makes no other
 * container. An image that is always asked for is another one at each revision.
 * @returns SHA-256 in hex
 */
export function hashSpecification(container: ContainerSpec, serviceRevision: number): string {
  const { user, workingDirectory, ...rest } = container;
  const made = {
    ...rest,
    registry: null,
    health: null,
    pull: null,
    // Specifications of before these were there must keep their hash: another one makes all replicas anew.
    ...(user !== null && { user }),
    ...(workingDirectory !== null && { workingDirectory }),
  };
  const text = JSON.stringify([container.pull === 'always' ? serviceRevision : null, sortKeys(made)]);
  return createHash('sha256').update(text).digest('hex');
}

/** Members in one order, at every depth, so that equal values have one text. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return entries.map(([key, member]) => [key, sortKeys(member)]);
}
