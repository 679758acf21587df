import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { parseComplaints } from './parse-nginx-output.ts';
import { buildDesiredState, buildSite } from './testing/build-site.ts';
import { runLoad } from './testing/run-load.ts';
import { sendRequest } from './testing/send-request.ts';
import { startBackend } from './testing/start-backend.ts';
import { makeSettings, startProxy } from './testing/start-proxy.ts';

const HOST = 'shop.example.com';
const CHANGES = 200;
const CLIENTS = 8;
const serviceId = randomUUID();

it(`fails no request over ${CHANGES} changes under load, and each is served once it is reported`, async () => {
  await using blue = await startBackend('blue');
  await using green = await startBackend('green');
  await using node = await startProxy(await makeSettings());
  const stateOf = (change: number) =>
    buildDesiredState(
      buildSite({
        serviceId,
        serviceRevision: change + 1,
        target: { host: '127.0.0.1', port: change % 2 === 0 ? blue.port : green.port },
        responseHeaders: [{ name: 'X-Change', value: String(change) }],
      }),
    );
  await node.proxy.apply(stateOf(0));

  const ending = new AbortController();
  const load = runLoad(node.settings.httpPort, HOST, CLIENTS, ending.signal);
  const stale: string[] = [];
  for (let change = 1; change <= CHANGES; change += 1) {
    expect(await node.proxy.apply(stateOf(change))).toMatchObject({ outcome: 'applied', rejectedSites: [] });
    const reply = await sendRequest({ port: node.settings.httpPort, host: HOST });
    const served = `${String(reply.headers['x-change'])} ${reply.echo.name}`;
    if (served !== `${change} ${change % 2 === 0 ? 'blue' : 'green'}`) stale.push(`${change}: ${served}`);
  }
  ending.abort();
  const report = await load;
  process.stdout.write(
    `${CHANGES} changes: ${report.requests} requests, ${report.retries} retried, ${report.failures.length} failed\n`,
  );
  expect(stale).toEqual([]);
  expect(report.failures).toEqual([]);
  expect(report.requests).toBeGreaterThan(CHANGES);
  const log = await readFile(join(node.settings.directory, 'logs', 'error.log'), 'utf8');
  expect(parseComplaints(log)).toEqual([]);
}, 120_000);

it('would have seen a failed request: nginx ends once under the same load', async () => {
  await using backend = await startBackend('backend');
  await using node = await startProxy(await makeSettings());
  await node.proxy.apply(buildDesiredState(buildSite({ target: { host: '127.0.0.1', port: backend.port } })));
  const ending = new AbortController();
  const load = runLoad(node.settings.httpPort, HOST, CLIENTS, ending.signal);
  const readMaster = async () => Number(await readFile(join(node.settings.directory, 'run', 'nginx.pid'), 'utf8'));
  const master = await readMaster();
  process.kill(master, 'SIGTERM');
  await vi.waitFor(async () => expect(await readMaster()).not.toBe(master), { timeout: 20_000, interval: 20 });
  ending.abort();
  expect((await load).failures.length).toBeGreaterThan(0);
});
