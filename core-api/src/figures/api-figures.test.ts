import { getAgentMetrics, heartbeat, type RouteDefinition } from '@flotilla/contracts';
import type { PoolState } from '@flotilla/core-db';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApiFigures, type ApiFigures } from './api-figures.ts';

let figures: ApiFigures;
let pool: PoolState | null;
beforeEach(() => {
  pool = { open: 3, idle: 2, waiting: 1 };
  figures = createApiFigures({ readPool: () => pool, buses: { core: () => true, system: () => false } });
});
afterEach(() => figures.close());

const answer = (route: RouteDefinition, status: number | null, durationMs = 1) =>
  figures.onAnswered({ route, status, durationMs });

/** Value of the line that begins with `name` and has all of `labels`. */
async function read(name: string, ...labels: string[]): Promise<number | null> {
  const lines = (await figures.render()).split('\n');
  const line = lines.find((one) => one.startsWith(`${name}{`) && labels.every((label) => one.includes(label)));
  return line === undefined ? null : Number(line.slice(line.lastIndexOf(' ') + 1));
}

describe('figures of core-api', () => {
  it.each([
    [200, '2xx'],
    [204, '2xx'],
    [304, '3xx'],
    [404, '4xx'],
    [503, '5xx'],
    [null, 'aborted'],
  ])('count an answer with %s as %s, by template', async (status, shown) => {
    answer(getAgentMetrics, status, 30);
    const labels = ['method="GET"', `route="${getAgentMetrics.path}"`, `status="${shown}"`];
    expect(await read('flotilla_api_request_duration_seconds_count', ...labels)).toBe(1);
    expect(await read('flotilla_api_request_duration_seconds_bucket', ...labels, 'le="0.025"')).toBe(0);
    expect(await read('flotilla_api_request_duration_seconds_bucket', ...labels, 'le="0.05"')).toBe(1);
  });

  it('count heartbeats that were answered, and no others', async () => {
    expect(await read('flotilla_api_heartbeats_total')).toBe(0);
    for (const status of [200, 200, 401, null]) answer(heartbeat, status);
    expect(await read('flotilla_api_heartbeats_total')).toBe(2);
  });

  it('tell of pool and bus, and leave out what is not known', async () => {
    expect(await read('flotilla_database_pool', 'state="waiting"')).toBe(1);
    expect(await read('flotilla_bus_connected', 'bus="core"')).toBe(1);
    expect(await read('flotilla_bus_connected', 'bus="system"')).toBe(0);
    pool = null;
    expect(await read('flotilla_database_pool')).toBeNull();
  });
});
