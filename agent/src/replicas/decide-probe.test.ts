import { describe, expect, it } from 'vitest';
import { decideProbe } from './decide-probe.ts';
import { trackReplica, type TrackedReplica } from './tracked-replica.ts';

const NOW = 50_000;
const SINCE = 10_000;
const complaint = { reason: 'answers GET / on port 80 with 500', remedy: 'Correct it.' };
const no = { ok: false as const, ...complaint };
const decide = (change: Partial<TrackedReplica> & Pick<TrackedReplica, 'phase'>, ok: boolean) =>
  decideProbe(trackReplica('web', 'a', { since: SINCE, ...change }), ok ? { ok: true } : no, NOW);

describe('decideProbe', () => {
  it('makes one that starts ready at its first good answer', () => {
    expect(decide({ phase: 'starting', failedProbes: 9, complaint }, true)).toMatchObject({
      phase: 'ready',
      since: NOW,
      readySince: NOW,
      failedProbes: 0,
      complaint: null,
    });
  });

  it('knows that one which was found has warmed up', () => {
    expect(decide({ phase: 'starting', isUnasked: true }, true)).toMatchObject({
      phase: 'ready',
      readySince: null,
      isUnasked: false,
    });
  });

  it('asks one that was found again before it is thought to start: it may serve', () => {
    const found = { phase: 'starting' as const, isUnasked: true };
    expect(decide(found, false).isUnasked).toBe(true);
    expect(decide({ ...found, failedProbes: 1 }, false).isUnasked).toBe(true);
    expect(decide({ ...found, failedProbes: 2 }, false).isUnasked).toBe(false);
  });

  it('keeps one that starts waiting, asks it often, and remembers what it said', () => {
    expect(decide({ phase: 'starting', failedProbes: 99, isUnasked: true }, false)).toMatchObject({
      phase: 'starting',
      since: SINCE,
      nextProbeAt: NOW + 500,
      complaint,
      isUnasked: false,
    });
  });

  it('forgives two bad answers, and not three', () => {
    const ready = { phase: 'ready' as const, readySince: SINCE };
    expect(decide({ ...ready, failedProbes: 1 }, false)).toMatchObject({ phase: 'ready', since: SINCE });
    expect(decide({ ...ready, failedProbes: 2 }, false)).toMatchObject({ phase: 'unready', since: NOW });
    expect(decide({ ...ready, failedProbes: 2 }, true)).toMatchObject({
      phase: 'ready',
      since: SINCE,
      failedProbes: 0,
    });
  });

  it('takes one back that has recovered, at its full share', () => {
    expect(decide({ phase: 'unready', readySince: SINCE }, true)).toMatchObject({
      phase: 'ready',
      since: NOW,
      readySince: SINCE,
    });
  });
});
