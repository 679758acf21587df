import { describe, expect, it } from 'vitest';
import type { ServingReplica } from '../shared/replica-gate.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { Roster } from './roster.ts';

const OLD = { containerId: 'old', share: 1 };
const NEW = { containerId: 'new', share: 1 };

/** Stands for nginx, which answers when it is told to. */
function buildRoster() {
  const asked: { readonly ids: string; readonly settle: (refusal?: Error) => void }[] = [];
  const serve = (_serviceId: string, replicas: readonly ServingReplica[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const ids = replicas.map(({ containerId }) => containerId).join(' ');
      asked.push({ ids, settle: (refusal) => (refusal === undefined ? resolve() : reject(refusal)) });
    });
  const { signal } = new AbortController();
  const roster = new Roster({ serviceId: 'service', gate: { serve }, logger: createMemoryLog().logger, signal });
  /** Waits until nginx is asked for exactly these, and answers. */
  const answer = async (ids: string, refusal?: Error): Promise<void> => {
    await expect.poll(() => asked.at(-1)?.ids, { timeout: 5000, interval: 5 }).toBe(ids);
    asked.at(-1)?.settle(refusal);
  };
  const watch = (containerId: string): { isOut: boolean } => {
    const watched = { isOut: false };
    void roster.untilWithout(containerId, signal).then(() => (watched.isOut = true));
    return watched;
  };
  return { roster, answer, watch };
}

/** Everything that has been settled is known after it. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Roster', () => {
  it('does not call one out while nginx is asked to let it in', async () => {
    const { roster, answer, watch } = buildRoster();
    roster.want([OLD]);
    await answer('old');
    await turn();
    const control = watch('new');
    await turn();
    expect(control.isOut, 'the control: nobody asks for it').toBe(true);

    roster.want([OLD, NEW]);
    roster.want([OLD]);
    const watched = watch('new');
    await turn();
    expect(watched.isOut).toBe(false);
    await answer('old new');
    await turn();
    expect(watched.isOut).toBe(false);
    await answer('old');
    await expect.poll(() => watched.isOut).toBe(true);
  });

  it('calls one out that nginx has refused to let in, and has no problem when it is not wanted any more', async () => {
    const { roster, answer, watch } = buildRoster();
    roster.want([OLD]);
    await answer('old');
    await turn();
    roster.want([OLD, NEW]);
    const watched = watch('new');
    await answer('old new', new Error('[emerg] no'));
    await expect.poll(() => watched.isOut).toBe(true);
    expect(roster.problem).toContain('[emerg] no');
    roster.want([OLD]);
    await expect.poll(() => roster.problem, { timeout: 5000 }).toBe(null);
  });
});
