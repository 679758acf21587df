import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { ServingReplica } from '../shared/replica-gate.ts';
import { parseComplaints } from './parse-nginx-output.ts';
import { buildDesiredState, buildSite } from './testing/build-site.ts';
import { fullShares, startReplicaServers, withShare, type TestReplica } from './testing/replica-servers.ts';
import { runLoad, type LoadRequest } from './testing/run-load.ts';
import { makeSettings, startProxy } from './testing/start-proxy.ts';

const HOST = 'shop.example.com';
const CLIENTS = 8;
const MOST_CLOSING_MS = 20_000;
const LEAST_REQUESTS = 20_000;

it(`fails none of ${LEAST_REQUESTS} requests while replicas start slowly, go and are replaced`, async () => {
  await using servers = await startReplicaServers();
  const steps: string[] = [];
  await using node = await startProxy(await makeSettings(), {
    resolveContainer: servers.resolve,
    onStep: (step) => void steps.push(step),
  });
  const site = buildSite({ target: { replicas: true, port: servers.port } });
  await node.proxy.apply(buildDesiredState(site));
  let serving: TestReplica[] = [await servers.start()];
  await node.proxy.gate.serve(site.serviceId, fullShares(...serving));

  /** Every request tells when it was begun, counted in changes. */
  let changes = 1;
  let asked = 0;
  const late: string[] = [];
  const closingMs: number[] = [];
  const gone: { readonly replica: TestReplica; readonly at: number }[] = [];
  const serve = async (roster: readonly ServingReplica[]): Promise<void> => {
    await node.proxy.gate.serve(site.serviceId, roster);
    changes += 1;
  };
  const add = async (share: number, ...replicas: readonly TestReplica[]): Promise<void> => {
    await serve([...fullShares(...serving), ...replicas.map((replica) => withShare(replica, share))]);
    if (share === 1) serving = [...serving, ...replicas];
  };
  /** As the controller does: out of the roster, wait until nothing is connected, stop. */
  const remove = async (...replicas: readonly TestReplica[]): Promise<void> => {
    serving = serving.filter((replica) => !replicas.includes(replica));
    await serve(fullShares(...serving));
    const removedAtMs = performance.now();
    for (const replica of replicas) {
      gone.push({ replica, at: changes });
      await vi.waitFor(async () => expect(await replica.countConnections()).toBe(0), {
        timeout: MOST_CLOSING_MS,
        interval: 5,
      });
      closingMs.push(Math.round(performance.now() - removedAtMs));
      await replica.stop();
    }
  };

  const ending = new AbortController();
  const load = runLoad(node.settings.httpPort, HOST, CLIENTS, ending.signal, (): LoadRequest => {
    asked += 1;
    return { path: `/?at=${changes}`, method: asked % 3 === 0 ? 'POST' : 'GET' };
  });
  const [second, third] = [await servers.start(), await servers.start()];
  for (const share of [0.1, 0.4, 0.7, 1]) await add(share, second, third);
  await remove(second);
  for (const share of [0.5, 1]) await add(share, await servers.start());
  const old = serving;
  await add(1, await servers.start(), await servers.start());
  await remove(...old);
  for (let round = 0; asked < LEAST_REQUESTS || round < 4; round += 1) {
    const [oldest] = serving;
    await add(1, await servers.start());
    if (oldest !== undefined) await remove(oldest);
  }
  ending.abort();
  const report = await load;
  for (const { replica, at } of gone) if (replica.newestAt >= at) late.push(`${replica.newestAt} after ${at}`);

  const reloads = steps.filter((step) => step === 'reloaded').length;
  process.stdout.write(
    `replicas: ${report.requests} requests, ${report.retries} retried, ${report.failures.length} failed over ${changes} ` +
      `changes and ${reloads} reloads; ${gone.length} were taken out, their last connection closed after ` +
      `${closingMs.toSorted((a, b) => a - b).join(', ')} ms\n`,
  );
  expect(report.failures).toEqual([]);
  expect(late).toEqual([]);
  expect(report.requests).toBeGreaterThanOrEqual(LEAST_REQUESTS);
  expect(gone.length).toBeGreaterThan(5);
  const log = await readFile(join(node.settings.directory, 'logs', 'error.log'), 'utf8');
  expect(parseComplaints(log)).toEqual([]);
}, 180_000);

it('would have seen failed requests: a replica stops that is not taken out first', async () => {
  // So slow that each of them has requests in hand at any time, also when the machine is busy.
  await using servers = await startReplicaServers(100);
  await using node = await startProxy(await makeSettings(), { resolveContainer: servers.resolve });
  const site = buildSite({ target: { replicas: true, port: servers.port } });
  await node.proxy.apply(buildDesiredState(site));
  const [first, second] = [await servers.start(), await servers.start()];
  await node.proxy.gate.serve(site.serviceId, fullShares(first, second));

  const ending = new AbortController();
  const load = runLoad(node.settings.httpPort, HOST, CLIENTS, ending.signal, () => ({ method: 'POST' }));
  await vi.waitFor(() => expect(second.requests).toBeGreaterThan(100), { timeout: 20_000 });
  await first.stop();
  const before = second.requests;
  await vi.waitFor(() => expect(second.requests).toBeGreaterThan(before + 100), { timeout: 20_000 });
  ending.abort();
  const { failures } = await load;
  expect(failures.length).toBeGreaterThan(0);
  expect(new Set(failures)).toEqual(new Set(['502']));
});
