import { expect, it } from 'vitest';
import { PARTITIONS, partitionOf } from './partitions.ts';

it.each([
  ['', 5],
  ['a1', 7],
  ['01890a5d-ac96-774b-bcce-b302099a8057', 3],
])('puts %j into the same partition for ever', (key, partition) => {
  expect(partitionOf(key)).toBe(partition);
});

it('spreads keys evenly', () => {
  const counts = Array.from({ length: PARTITIONS }, () => 0);
  for (let index = 0; index < 16_000; index += 1) {
    const partition = partitionOf(`0190-${index.toString(16)}-agent`);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1150);
});
