import { expect, it, onTestFinished, vi } from 'vitest';
import { createGate, type GateDeps } from './create-gate.ts';
import type { Rosters } from './resolve-targets.ts';

const roster = (...ids: string[]) => ids.map((containerId) => ({ containerId, share: 1 }));

function buildGate(answer: Partial<Awaited<ReturnType<GateDeps['serveRosters']>>> | Error = {}) {
  const ending = new AbortController();
  const served: Rosters[] = [];
  const gate = createGate({
    inTurn: (work) => work(),
    serveRosters: async (rosters) => {
      served.push(rosters);
      if (answer instanceof Error) throw answer;
      return {
        refused: new Map(),
        shrunk: new Set(),
        hasReloaded: false,
        handedOver: Promise.resolve(),
        ...answer,
      };
    },
    intervalMs: 100,
    signal: ending.signal,
  });
  return { gate, served, ending };
}

it('serves what comes together at once, the newer of two for one service, in one order', async () => {
  const { gate, served } = buildGate();
  await Promise.all([
    gate.serve('shop', roster('c')),
    gate.serve('blog', roster('d')),
    gate.serve('shop', roster('b', 'a')),
  ]);
  expect(served).toEqual([
    new Map([
      ['shop', roster('a', 'b')],
      ['blog', roster('d')],
    ]),
  ]);
});

it.each([
  { name: 'a reload', answer: { hasReloaded: true }, waits: true },
  { name: 'what was refused', answer: { refused: new Map([['other', 'why']]) }, waits: true },
  { name: 'what changed nothing', answer: {}, waits: false },
])('waits after $name: $waits', async ({ answer, waits }) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { gate, served } = buildGate(answer);
  void gate.serve('shop', roster('a'));
  await vi.advanceTimersByTimeAsync(1);
  void gate.serve('shop', roster('b'));
  await vi.advanceTimersByTimeAsync(98);
  expect(served).toHaveLength(waits ? 1 : 2);
  await vi.advanceTimersByTimeAsync(1);
  expect(served).toHaveLength(2);
});

it('waits until old workers have ended where a replica was taken out, and only there', async () => {
  const handedOver = Promise.withResolvers<void>();
  const { gate } = buildGate({ shrunk: new Set(['shop']), handedOver: handedOver.promise });
  let isShopDone = false;
  const shop = gate.serve('shop', []).then(() => (isShopDone = true));
  await gate.serve('blog', []);
  expect(isShopDone).toBe(false);
  await gate.serve('blog', []);
  handedOver.resolve();
  await shop;
});

it('tells each caller of its own service only', async () => {
  const { gate } = buildGate({ refused: new Map([['shop', 'host not found']]) });
  expect(await Promise.allSettled([gate.serve('shop', []), gate.serve('blog', [])])).toMatchObject([
    { status: 'rejected', reason: { message: 'host not found' } },
    { status: 'fulfilled' },
  ]);
});

it('goes on after a failure', async () => {
  const { gate, served } = buildGate(new Error('disk full'));
  await expect(gate.serve('shop', [])).rejects.toThrow('disk full');
  await expect(gate.serve('shop', [])).rejects.toThrow('disk full');
  expect(served).toHaveLength(2);
});

it.each([0, -1, 1.01, Number.NaN])('refuses a share of %d', async (share) => {
  const { gate, served } = buildGate();
  await expect(gate.serve('shop', [{ containerId: 'a', share }])).rejects.toThrow(RangeError);
  expect(served).toEqual([]);
});

it('refuses what waits and what comes when it has ended', async () => {
  const { gate, served, ending } = buildGate();
  const waiting = Promise.allSettled([gate.serve('shop', [])]);
  ending.abort();
  expect(await waiting).toMatchObject([{ status: 'rejected', reason: { message: expect.stringContaining('ends') } }]);
  await expect(gate.serve('shop', [])).rejects.toThrow('the agent ends');
  expect(served).toEqual([]);
});
