import { MAX_SERIES_PER_CONTAINER, type CustomReading } from './custom-reading.ts';

export const MAX_SERIES_PER_NODE = 2000;

export interface HeldReading {
  readonly containerId: string;
  readonly reading: CustomReading;
  /** It has not been in a sample yet. */
  readonly isFresh: boolean;
}

export interface KeptSeries {
  readonly fresh: (readonly [containerId: string, name: string, value: number])[];
  /** Of all that is held, whether fresh or not. */
  readonly kept: number;
  readonly left: number;
}

/**
 * What of the latest readings is kept, within the bounds of a container and of the node. Also those that are not fresh
 * count, so that it is always the same: endpoints answer at different times, and in the order of the plan the first win.
 * Of a name that two endpoints of one container tell, the first counts.
 */
export function chooseKeptSeries(readings: readonly HeldReading[]): KeptSeries {
  const namesOf = new Map<string, Set<string>>();
  const fresh: KeptSeries['fresh'] = [];
  let kept = 0;
  let left = 0;
  for (const { containerId, reading, isFresh } of readings) {
    const names = namesOf.get(containerId) ?? new Set();
    namesOf.set(containerId, names);
    left += reading.left;
    for (const [name, value] of reading.series) {
      if (names.has(name) || names.size >= MAX_SERIES_PER_CONTAINER || kept >= MAX_SERIES_PER_NODE) {
        left += 1;
        continue;
      }
      names.add(name);
      kept += 1;
      if (isFresh) fresh.push([containerId, name, value]);
    }
  }
  return { fresh, kept, left };
}
