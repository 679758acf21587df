import type { DesiredState, Site } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { buildDesiredState, buildSite } from './testing/build-site.ts';
import { sendRequest } from './testing/send-request.ts';
import { startBackend } from './testing/start-backend.ts';
import { makeSettings, startProxy } from './testing/start-proxy.ts';

const CHANGES = 5;

describe('time from a changed site until nginx serves it', () => {
  // nginx itself needs about 9, 17 and 92 ms; the rest is ours, with the wait until no old worker takes connections.
  it.each([
    { siteCount: 1, mostMs: 500 },
    { siteCount: 100, mostMs: 1000 },
    { siteCount: 1000, mostMs: 4000 },
  ])('$siteCount sites', async ({ siteCount, mostMs }) => {
    await using backend = await startBackend('backend');
    await using node = await startProxy(await makeSettings());
    const sites = Array.from({ length: siteCount }, (_, index) =>
      buildSite({ domains: [`site-${index}.example.com`], target: { host: '127.0.0.1', port: backend.port } }),
    );
    const firstMs = await timeMs(() => node.proxy.apply(buildDesiredState(...sites)));
    const served: number[] = [];
    const reported: number[] = [];
    for (let change = 1; change <= CHANGES; change += 1) {
      const desired = changed(sites, change);
      const isServed = waitUntilServed(node.settings.httpPort, String(change));
      reported.push(await timeMs(() => node.proxy.apply(desired)));
      served.push(await isServed);
    }
    const unchangedMs = await timeMs(() => node.proxy.apply(changed(sites, CHANGES)));
    process.stdout.write(
      `nginx with ${siteCount} sites: all at first ${firstMs} ms; one changed: serves after ${median(served)} ms, ` +
        `reported after ${median(reported)} ms; nothing changed ${unchangedMs} ms\n`,
    );
    expect(median(served)).toBeLessThan(mostMs);
  });
});

/** The first site says which change it is. */
function changed(sites: readonly Site[], change: number): DesiredState {
  const [first, ...rest] = sites.map((site) => structuredClone(site));
  if (first === undefined) return buildDesiredState();
  first.serviceRevision = change + 1;
  first.responseHeaders = [{ name: 'X-Change', value: String(change) }];
  return buildDesiredState(first, ...rest);
}

async function waitUntilServed(port: number, change: string): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < 20_000) {
    const { headers } = await sendRequest({ port, host: 'site-0.example.com' });
    if (headers['x-change'] === change) return Math.round(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`change ${change} was never served`);
}

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return Math.round(performance.now() - startedAt);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
