import { createRandom } from '@flotilla/contracts/testing';
import { describe, expect, it } from 'vitest';
import {
  countCapacity,
  planPlacement,
  planPlacementNodes,
  planWholePlacement,
  type PlacementNode,
  type Reservation,
} from './plan-placement.ts';

const GIB = 2 ** 30;
const FREE: Reservation = { cpu: null, memoryBytes: null };
const ONE_CORE: Reservation = { cpu: 1, memoryBytes: null };

function buildNode(agentId: string, current: number, change: Partial<PlacementNode> = {}): PlacementNode {
  return {
    agentId,
    current,
    isOnline: true,
    cpuCores: 4,
    memoryBytes: 8 * GIB,
    reservedCpu: 0,
    reservedMemoryBytes: 0,
    ...change,
  };
}

interface PlacementCase {
  readonly name: string;
  readonly total: number;
  readonly nodes: readonly PlacementNode[];
  readonly reservation?: Reservation;
  readonly counts: Record<string, number>;
  /** How many of the total are placed, when not all are. */
  readonly placed?: number;
}

const cases: readonly PlacementCase[] = [
  { name: 'fills the emptiest', total: 4, nodes: [buildNode('a', 2), buildNode('b', 0)], counts: { a: 2, b: 2 } },
  { name: 'takes from the fullest', total: 3, nodes: [buildNode('a', 4), buildNode('b', 1)], counts: { a: 2, b: 1 } },
  {
    name: 'moves nothing when the number stays, however uneven',
    total: 5,
    nodes: [buildNode('a', 5), buildNode('b', 0)],
    counts: { a: 5, b: 0 },
  },
  {
    name: 'takes equal ones in the order of their ids',
    total: 4,
    nodes: [buildNode('c', 1), buildNode('b', 1), buildNode('a', 1)],
    counts: { a: 2, b: 1, c: 1 },
  },
  {
    name: 'prefers the one with more room of two that have as many',
    total: 3,
    nodes: [buildNode('a', 1, { reservedCpu: 2 }), buildNode('b', 1)],
    reservation: ONE_CORE,
    counts: { a: 1, b: 2 },
  },
  {
    name: 'stops where there is no room',
    total: 9,
    nodes: [buildNode('a', 1, { reservedCpu: 1.5 }), buildNode('b', 1)],
    reservation: ONE_CORE,
    counts: { a: 2, b: 4 },
    placed: 6,
  },
  {
    name: 'goes on where there is room when the emptiest is full',
    total: 6,
    nodes: [buildNode('a', 0, { reservedMemoryBytes: 7 * GIB }), buildNode('b', 3)],
    reservation: { cpu: null, memoryBytes: GIB },
    counts: { a: 1, b: 5 },
  },
  {
    name: 'limits nothing by what it does not know',
    total: 20,
    nodes: [buildNode('a', 0, { cpuCores: null, memoryBytes: null })],
    reservation: { cpu: 1, memoryBytes: GIB },
    counts: { a: 20 },
  },
  {
    name: 'gives nothing to a node that is offline',
    total: 4,
    nodes: [buildNode('a', 0, { isOnline: false }), buildNode('b', 3)],
    counts: { a: 0, b: 4 },
  },
  {
    name: 'takes from a node that is offline first, of two that have as many',
    total: 3,
    nodes: [buildNode('a', 2), buildNode('b', 2, { isOnline: false })],
    counts: { a: 2, b: 1 },
  },
  {
    name: 'leaves a node what is more than its room',
    total: 7,
    nodes: [buildNode('a', 6), buildNode('b', 0)],
    reservation: ONE_CORE,
    counts: { a: 6, b: 1 },
  },
  {
    name: 'counts a share of a core exactly',
    total: 40,
    nodes: [buildNode('a', 0, { cpuCores: 0.3 })],
    reservation: { cpu: 0.1, memoryBytes: null },
    counts: { a: 3 },
    placed: 3,
  },
  { name: 'takes all away', total: 0, nodes: [buildNode('a', 1), buildNode('b', 2)], counts: { a: 0, b: 0 } },
  { name: 'has nowhere to go without nodes', total: 2, nodes: [], counts: {}, placed: 0 },
];

describe('planPlacement', () => {
  it.each(cases.map((placementCase) => [placementCase.name, placementCase] as const))('%s', (_name, placementCase) => {
    const { total, nodes, reservation = FREE, counts, placed = total } = placementCase;
    const placement = planPlacement(total, nodes, reservation);
    expect(Object.fromEntries(placement.counts)).toEqual(counts);
    expect(placement.placed).toBe(placed);
    expect(placement.limit).toEqual(placed === total ? null : { kind: 'capacity', from: total, to: placed });
  });

  it.each(Array.from({ length: 200 }, (_, index) => index + 1))('keeps its bounds (seed %i)', (seed) => {
    const random = createRandom(seed);
    const nodes = Array.from({ length: random.between(1, 6) }, (_, index) =>
      buildNode(`node-${index}`, random.between(0, 5), {
        isOnline: random.next() < 0.8,
        cpuCores: random.pick(null, 2, 4, 8),
        reservedCpu: random.between(0, 3),
      }),
    );
    const reservation = { cpu: random.pick(null, 0.5, 1), memoryBytes: null };
    const total = random.between(0, 30);
    const before = nodes.reduce((sum, { current }) => sum + current, 0);
    const capacity = countCapacity(nodes, reservation);
    const { counts, placed } = planPlacement(total, nodes, reservation);

    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(placed);
    expect(placed).toBe(total <= before ? total : Math.min(total, capacity ?? total));
    // Nothing moves: no node gives while another gets.
    const changes = nodes.map(({ agentId, current }) => (counts.get(agentId) ?? 0) - current);
    expect(Math.min(0, ...changes) * Math.max(0, ...changes)).toBeCloseTo(0);
    expect(Math.max(0, ...changes.filter((_, index) => nodes[index]?.isOnline === false))).toBe(0);
    // The order of the nodes does not matter, and the same number again changes nothing.
    expect(planPlacement(total, nodes.toReversed(), reservation).counts).toEqual(counts);
    const settled = nodes.map((node) => ({ ...node, current: counts.get(node.agentId) ?? 0 }));
    expect(planPlacement(placed, settled, reservation).counts).toEqual(counts);
  });
});

describe('countCapacity', () => {
  it.each<[string, readonly PlacementNode[], Reservation, number | null]>([
    ['the room of all', [buildNode('a', 0), buildNode('b', 1)], ONE_CORE, 8],
    ['what is there, where that is more', [buildNode('a', 6), buildNode('b', 1)], ONE_CORE, 10],
    ['what a node that is offline has', [buildNode('a', 0), buildNode('b', 1, { isOnline: false })], ONE_CORE, 5],
    ['not known without a reservation', [buildNode('a', 0)], FREE, null],
    [
      'not known while a node’s size is not',
      [buildNode('a', 0), buildNode('b', 0, { cpuCores: null })],
      ONE_CORE,
      null,
    ],
    ['what is there when all are offline', [buildNode('a', 2, { isOnline: false })], FREE, 2],
  ])('is %s', (_name, nodes, reservation, capacity) => {
    expect(countCapacity(nodes, reservation)).toBe(capacity);
  });
});

describe('planWholePlacement', () => {
  const small = { cpuCores: 1 };
  const off = { isOnline: false };
  it.each([
    ['keeps to the room while there is any', 2, [buildNode('a', 0, small), buildNode('b', 0)], { a: 1, b: 1 }],
    ['goes beyond it for what is left', 6, [buildNode('a', 0, small), buildNode('b', 0)], { a: 2, b: 4 }],
    ['leaves out a node that is offline', 6, [buildNode('a', 0, off), buildNode('b', 0)], { a: 0, b: 6 }],
    [
      'takes nodes that are offline when none is online',
      3,
      [buildNode('a', 0, off), buildNode('b', 0, off)],
      { a: 2, b: 1 },
    ],
    ['takes away as ever', 1, [buildNode('a', 2), buildNode('b', 1)], { a: 0, b: 1 }],
  ])('%s', (_name, total, nodes, counts) => {
    expect(Object.fromEntries(planWholePlacement(total, nodes, ONE_CORE))).toEqual(counts);
  });
});

describe('planPlacementNodes', () => {
  it('counts what other services reserve on the node, and nothing of its own', () => {
    const reserved = (serviceId: string) => ({ serviceId, agentId: 'a', cpu: 1, memoryBytes: GIB });
    const [node] = planPlacementNodes('own', [{ agentId: 'a', count: 2 }], {
      nodes: new Map([['a', { agentId: 'a', isOnline: false, cpuCores: 8, memoryBytes: null }]]),
      reservations: new Map([['a', [reserved('own'), reserved('x'), reserved('y')]]]),
    });
    expect(node).toEqual({
      agentId: 'a',
      current: 2,
      isOnline: false,
      cpuCores: 8,
      memoryBytes: null,
      reservedCpu: 2,
      reservedMemoryBytes: 2 * GIB,
    });
  });

  it('takes a node that nobody has looked at for one without bounds', () => {
    const unknown = planPlacementNodes('own', [{ agentId: 'a', count: 0 }], {
      nodes: new Map(),
      reservations: new Map(),
    });
    expect(unknown).toMatchObject([{ isOnline: true, cpuCores: null, memoryBytes: null, reservedCpu: 0 }]);
  });
});
