import { banNetworks, liftBan, listAgents, listBans } from '@flotilla/contracts';
import { FlotillaSystem, waitFor, type ApiClient } from '@flotilla/e2e/harness';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startThreeNodes, type ThreeNodes } from './ban/three-nodes.ts';
import { NginxProcesses } from './bans/nginx-processes.ts';
import { runPipelinedLoad } from './bans/pipelined-load.ts';
import { writeBans } from './bans/write-bans.ts';
import { buildFigure, median, type Benchmark, type Figure } from './harness/figure.ts';

const BANS = [0, 10_000, 100_000] as const;
const DOMAIN = 'shop.example.com';
/** Before there are bans, and again with them. */
const ROUNDS = 15;
const REQUESTS = 16_000;
const WARM_UP_REQUESTS = 3000;
const CONNECTIONS = 8;
const CLIENTS = 20_000;
const LEAST_RATIO = 0.97;
const CHANGES = 7;
const REFUSED = 403;
const SERVED = 200;
const FILL_BOUND_MS = 180_000;
/** So long no node reloads because of the change before. */
const REST_MS = 1500;
const MIBIBYTE = 2 ** 20;

/**
 * What bans cost requests. Three nodes with real agents serve one service by the agent's own configuration: one without bans, one
 * with 10,000 and one with 100,000, of which most are addresses, some /24 and some IPv6 /64. They are loaded in turn, in another order
 * each round, by clients that are not banned, each request another one, so that the look-up is not the same again and again.
 *
 * Load generator and backend take more of the processors than nginx, so requests a second say mostly how fast they are. What limits
 * a node is the processor time of nginx's workers: it is read from the kernel (schedstat, in nanoseconds) before and after, and
 * throughput is 1 / (processor time of a request). Two nodes differ by some percent without any bans (where their memory lies), so the
 * same rounds are run before there are any: the ratio is the median of the rounds with bans, divided by that of the rounds without.
 *
 * Then the memory of a worker, and the time from a ban by hand until that node refuses the client: with 100,000 bans the agent writes,
 * tests and loads a file of all of them.
 */
export const benchmark: Benchmark = {
  description: `${BANS.join(', ')} bans on three nodes, ${ROUNDS} rounds of ${REQUESTS} requests without and with them`,
  async run(progress) {
    const system = await FlotillaSystem.create();
    try {
      await system.start();
      const api = await system.signIn();
      await using nodes = await startThreeNodes(system, api);
      const loaded = await listNodes(system, api, nodes);
      progress('rounds without bans');
      await renewWorkers(api, nodes);
      const before = await measureRounds(loaded);
      await fillNodes({ system, nodes, loaded, progress });
      progress('rounds with bans');
      await renewWorkers(api, nodes);
      const after = await measureRounds(loaded);
      const memory = await Promise.all(loaded.map(({ nginx }) => nginx.readWorkerMemoryBytes()));
      progress('bans by hand');
      const changes: number[][] = [];
      for (const [index, node] of loaded.entries()) changes.push(await measureChanges(api, nodes, node, index));
      return [...buildThroughput(before, after), ...buildCosts(memory, changes)];
    } finally {
      await system.destroy();
    }
  },
};

interface LoadedNode {
  readonly name: string;
  readonly port: number;
  readonly agentId: string;
  readonly nginx: NginxProcesses;
}

interface Sample {
  /** Of nginx's workers, for one request. */
  readonly cpuMs: number;
  readonly perSecond: number;
}

async function listNodes(system: FlotillaSystem, api: ApiClient, nodes: ThreeNodes): Promise<LoadedNode[]> {
  const { items } = await api.expect(listAgents);
  const extras = ['second', 'third'];
  const local = items.find(({ name }) => !extras.includes(name))?.name ?? '';
  return [local, ...extras].map((name, index) => {
    const agent = items.find((one) => one.name === name);
    const port = nodes.ports[index];
    if (agent === undefined || port === undefined) throw new Error(`there is no node ${name}`);
    const pidFile = join(system.dataDir, name === local ? 'agent' : name, 'nginx', 'run', 'nginx.pid');
    return { name, port, agentId: agent.id, nginx: new NginxProcesses(pidFile) };
  });
}

interface Filling {
  readonly system: FlotillaSystem;
  readonly nodes: ThreeNodes;
  readonly loaded: readonly LoadedNode[];
  readonly progress: (line: string) => void;
}

/** Bans on each node its number, and waits until its nginx refuses the last of them. */
async function fillNodes({ system, nodes, loaded, progress }: Filling): Promise<void> {
  const databaseUrl = await system.readDatabaseUrl();
  for (const [index, { name, agentId, port }] of loaded.entries()) {
    const count = BANS[index] ?? 0;
    progress(`${count} bans on ${name}`);
    if (count === 0) continue;
    const last = await writeBans(databaseUrl, agentId, count);
    await waitFor(`${name} to refuse ${last}`, () => isRefused(nodes, port, last), FILL_BOUND_MS);
  }
}

/** New workers everywhere: those that have served for a while take more of a processor than fresh ones. */
async function renewWorkers(api: ApiClient, nodes: ThreeNodes): Promise<void> {
  const client = '192.0.2.77';
  const untilAll = async (status: number): Promise<void> => {
    for (const port of nodes.ports) {
      const isThere = async () => ((await nodes.ask(port, client)) === status ? true : null);
      await waitFor(`port ${port} to answer ${status}`, isThere, FILL_BOUND_MS);
    }
  };
  await api.expect(banNetworks, { body: { targets: [client] } });
  await untilAll(REFUSED);
  const { items } = await api.expect(listBans, { query: { search: client } });
  for (const { id } of items) await api.expect(liftBan, { params: { id } });
  await untilAll(SERVED);
  await delay(REST_MS);
}

async function isRefused(nodes: ThreeNodes, port: number, client: string): Promise<true | null> {
  return (await nodes.ask(port, client)) === REFUSED ? true : null;
}

async function measureRounds(nodes: readonly LoadedNode[]): Promise<Sample[][]> {
  for (const node of nodes) await measureRound(node, WARM_UP_REQUESTS);
  const rounds: Sample[][] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measureAll(nodes, round));
  return rounds;
}

/** Each node once, in an order that the round decides. */
async function measureAll(nodes: readonly LoadedNode[], round: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let turn = 0; turn < nodes.length; turn += 1) {
    const step = round % 2 === 0 ? turn : nodes.length - 1 - turn;
    const index = (step + round) % nodes.length;
    const node = nodes[index];
    if (node !== undefined) samples[index] = await measureRound(node, REQUESTS);
  }
  return samples;
}

async function measureRound({ port, nginx }: LoadedNode, requests: number): Promise<Sample> {
  const before = await nginx.readCpuMs();
  const tookMs = await runPipelinedLoad({ port, domain: DOMAIN, connections: CONNECTIONS, clients, requests });
  const cpuMs = (await nginx.readCpuMs()) - before;
  return { cpuMs: cpuMs / requests, perSecond: (requests / tookMs) * 1000 };
}

/** Addresses that nobody bans, scattered over the tree. */
const clients = Array.from({ length: CLIENTS }, (_, index) => {
  const scattered = Math.imul(index, 0x9e3779b1) & 0xffffff;
  return `${60 + (index & 15)}.${scattered >>> 16}.${(scattered >>> 8) & 255}.${scattered & 255}`;
});

/** @returns milliseconds from each ban by hand to the refusal on the node */
async function measureChanges(api: ApiClient, nodes: ThreeNodes, node: LoadedNode, index: number): Promise<number[]> {
  const samples: number[] = [];
  for (let change = 1; change <= CHANGES; change += 1) {
    const client = `198.51.${100 + index}.${change}`;
    await delay(REST_MS);
    const startedAt = performance.now();
    await api.expect(banNetworks, { body: { targets: [client], scope: { kind: 'node', agentId: node.agentId } } });
    await waitFor(`${client} to be refused`, () => isRefused(nodes, node.port, client), FILL_BOUND_MS);
    samples.push(performance.now() - startedAt);
  }
  return samples;
}

const named = (index: number): string => `${(BANS[index] ?? 0).toLocaleString('en')} bans`;

type Rounds = readonly (readonly Sample[])[];

function buildThroughput(before: Rounds, after: Rounds): Figure[] {
  const read = (rounds: Rounds, at: number, key: keyof Sample): number[] =>
    rounds.map((round) => round[at]?.[key] ?? Number.NaN);
  /** Of each round, how much more of a processor a request takes on the node without bans. */
  const compare = (rounds: Rounds, index: number): number => {
    const base = read(rounds, 0, 'cpuMs');
    return median(read(rounds, index, 'cpuMs').map((cpuMs, round) => (base[round] ?? Number.NaN) / cpuMs));
  };
  const baseline = 1000 / median(read(after, 0, 'cpuMs'));
  const target = { words: `ratio ≥ ${LEAST_RATIO}`, holds: (_: number, ratio: number) => ratio >= LEAST_RATIO };
  return [1, 2].flatMap((index) => {
    const figure = `nginx with ${named(index)}, throughput`;
    const value = (baseline * compare(after, index)) / compare(before, index);
    const perSecond = (at: number): number => median(read(after, at, 'perSecond'));
    return [
      buildFigure({ figure, value, unit: 'requests a CPU second', baseline }, target),
      buildFigure({
        figure: `nginx with ${named(index)}, as the load generator saw it`,
        value: perSecond(index),
        unit: 'requests/s',
        baseline: perSecond(0),
      }),
    ];
  });
}

function buildCosts(memory: readonly number[], changes: readonly (readonly number[])[]): Figure[] {
  return [1, 2].flatMap((index) => [
    buildFigure({
      figure: `an nginx worker with ${named(index)}, memory`,
      value: (memory[index] ?? Number.NaN) / MIBIBYTE,
      unit: 'MiB',
      baseline: (memory[0] ?? Number.NaN) / MIBIBYTE,
    }),
    buildFigure({
      figure: `one more ban with ${named(index)}, until it is in force, p50`,
      value: median(changes[index] ?? []),
      unit: 'ms',
      baseline: median(changes[0] ?? []),
    }),
  ]);
}
