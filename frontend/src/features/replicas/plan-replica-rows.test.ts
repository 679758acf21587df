import { describe, expect, it } from 'vitest';
import { planReplicaRows } from './plan-replica-rows.ts';
import { buildReplicasReport } from './testing/build-replicas-report.ts';

const long = 'c1'.repeat(32);
const usage = { id: long, name: 'shop-1', sampledAt: '2026-01-01T12:00:00Z', values: { cpuPercent: 12 } };
const [replica] = buildReplicasReport({}).replicas;
const rowOf = (containerId: string | null, specification = 'a'.repeat(64)) =>
  planReplicaRows(
    { id: 'n', name: 'fra-1', isKnown: true },
    buildReplicasReport({ replicas: replica === undefined ? [] : [{ ...replica, containerId, specification }] }),
    [{ id: long, createdAt: '2026-01-01T10:00:00Z' }],
    // Only the figures that a sample has are there.
    [usage as never],
  )[0];

describe('planReplicaRows', () => {
  it.each([
    ['by Docker’s id', long],
    ['by its short form', long.slice(0, 12)],
  ])('finds age and load %s', (_, id) => {
    expect(rowOf(id)).toMatchObject({ createdAt: '2026-01-01T10:00:00Z', usage });
  });

  it.each([
    ['another container', 'd2'.repeat(32)],
    ['one that is not made yet', null],
  ])('knows neither of %s', (_, id) => {
    expect(rowOf(id)).toMatchObject({ createdAt: null, usage: null });
  });

  it('tells those of older settings', () => {
    expect([rowOf(long)?.isOld, rowOf(long, 'b'.repeat(64))?.isOld]).toEqual([false, true]);
  });
});
