import { banNetworks } from '@flotilla/contracts';
import { FlotillaSystem, type ApiClient } from '@flotilla/e2e/harness';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { startThreeNodes, type ThreeNodes } from './ban/three-nodes.ts';
import { buildFigure, percentile, type Benchmark, type Figure } from './harness/figure.ts';

const ATTACKS = 50;
const FLOODS = 20;
const MOST_FLEET_MS = 1500;
const MOST_LOCAL_MS = 750;
const REFUSED = 403;
const POLL_MS = 10;
const BOUND_MS = 30_000;
/** Between two attacks, so that each meets a system at rest. */
const REST_MS = 300;
/** More than the limiter lets through at once. */
const FLOOD = 300;
const FLOOD_AT_ONCE = 30;

/**
 * Attacks spread over two of three nodes, so that neither sees enough by itself: from the request that completes the rule to the
 * refusal on all three. Then floods on one node: from the request that is too many to the refusal there. The baseline is a ban by hand in
 * the same run: from the operator's request to the refusal on all three nodes.
 */
export const benchmark: Benchmark = {
  description: `${ATTACKS} attacks on three nodes, ${ATTACKS} bans by hand, ${FLOODS} floods on one`,
  async run(progress) {
    const system = await FlotillaSystem.create();
    try {
      await system.start();
      const api = await system.signIn();
      await using nodes = await startThreeNodes(system, api);
      progress('bans by hand');
      const byHand = await repeat(ATTACKS, (round) => measureByHand(api, nodes, `198.51.100.${round}`));
      progress('attacks');
      const attacks = await repeat(ATTACKS, (round) => measureAttack(nodes, `203.0.113.${round}`));
      progress('floods');
      const floods = await repeat(FLOODS, (round) => measureFlood(nodes, `192.0.2.${100 + round}`));
      return buildFigures(byHand, attacks, floods);
    } finally {
      await system.destroy();
    }
  },
};

async function repeat(times: number, measure: (round: number) => Promise<number>): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 1; round <= times; round += 1) {
    samples.push(await measure(round));
    await delay(REST_MS);
  }
  return samples;
}

async function measureByHand(api: ApiClient, nodes: ThreeNodes, client: string): Promise<number> {
  const startedAt = performance.now();
  await api.expect(banNetworks, { body: { targets: [client] } });
  return (await untilRefused(nodes, nodes.ports, client)) - startedAt;
}

/** Two requests that are surely an attack, each to a node of its own: one node's word would ban there only. */
async function measureAttack(nodes: ThreeNodes, client: string): Promise<number> {
  const [first = 0, second = 0] = nodes.ports;
  const path = `/?id=${encodeURIComponent("1' or '1'='1")}`;
  await nodes.ask(first, client, path);
  await delay(REST_MS);
  const startedAt = performance.now();
  await nodes.ask(second, client, path);
  return (await untilRefused(nodes, nodes.ports, client)) - startedAt;
}

async function measureFlood(nodes: ThreeNodes, client: string): Promise<number> {
  const [port = 0] = nodes.ports;
  for (let sent = 0; sent < FLOOD; sent += FLOOD_AT_ONCE) {
    await Promise.all(Array.from({ length: FLOOD_AT_ONCE }, () => nodes.ask(port, client)));
  }
  const startedAt = performance.now();
  return Math.max(0, (await untilRefused(nodes, [port], client)) - startedAt);
}

/** @returns when each of the nodes has refused the client, by `performance.now()` */
async function untilRefused(nodes: ThreeNodes, ports: readonly number[], client: string): Promise<number> {
  const endsAt = performance.now() + BOUND_MS;
  const times = ports.map(async (port) => {
    while ((await nodes.ask(port, client)) !== REFUSED) {
      if (performance.now() > endsAt) throw new Error(`${client} is not refused on port ${port} within ${BOUND_MS} ms`);
      await delay(POLL_MS);
    }
    return performance.now();
  });
  return Math.max(...(await Promise.all(times)));
}

function buildFigures(byHand: readonly number[], attacks: readonly number[], floods: readonly number[]): Figure[] {
  const figure = (name: string, samples: readonly number[], share: number, limitMs?: number) =>
    buildFigure(
      { figure: name, value: percentile(samples, share), unit: 'ms', baseline: percentile(byHand, share) },
      limitMs === undefined ? undefined : { words: `< ${limitMs} ms`, holds: (value) => value < limitMs },
    );
  return [
    figure('the completing request → refused on three nodes, p50', attacks, 0.5),
    figure('the completing request → refused on three nodes, p95', attacks, 0.95, MOST_FLEET_MS),
    figure('the last request of a flood → refused on its node, p50', floods, 0.5),
    figure('the last request of a flood → refused on its node, p95', floods, 0.95, MOST_LOCAL_MS),
  ];
}
