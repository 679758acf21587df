import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchErrorPage, MAX_ERROR_PAGE_BYTES } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCoreClient, type CoreClient } from '../shared/core-client.ts';
import { API_KEY, CoreStandIn } from '../testing/core-stand-in.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { openErrorPageStore, type ErrorPageStore } from './error-page-store.ts';
import { startErrorPages, type ErrorPages } from './start-error-pages.ts';

const WAIT = { timeout: 20_000 };

let folder: string;
let core: CoreStandIn;
let client: CoreClient;
let store: ErrorPageStore;
let ending: AbortController;
let arrivals: number;
let log: ReturnType<typeof createMemoryLog>;
let wanted: { errorPageHashes: Record<string, string> }[];
let running: ErrorPages | null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-pages-'));
  core = new CoreStandIn();
  await core.start();
  client = createCoreClient(core.url);
  store = await openErrorPageStore(folder);
  ending = new AbortController();
  arrivals = 0;
  wanted = [];
  running = null;
  log = createMemoryLog();
});
afterEach(async () => {
  ending.abort();
  await running?.finished;
  client.close();
  await core.stop();
  await rm(folder, { recursive: true, force: true });
});

const hashOf = (html: string) => createHash('sha256').update(html).digest('hex');
/** A page that the Core has. */
function offer(html: string): string {
  core.pages.set(hashOf(html), html);
  return hashOf(html);
}
const siteWith = (...hashes: string[]) => ({
  errorPageHashes: Object.fromEntries(hashes.map((hash, index) => [String(500 + index), hash])),
});
function start({ retryIntervalMs = 60_000, maxAnswerBytes = 4 * MAX_ERROR_PAGE_BYTES } = {}): ErrorPages {
  running = startErrorPages({
    store,
    fetchPage: async (hash, signal) =>
      (await client.read(fetchErrorPage, { hash }, { apiKey: API_KEY, signal, maxAnswerBytes })).html,
    listSites: () => wanted,
    onArrived: () => {
      arrivals += 1;
    },
    logger: log.logger,
    signal: ending.signal,
    retryIntervalMs,
  });
  return running;
}

describe('error pages', () => {
  it('are fetched once, however many sites want them at once, and kept over a restart', async () => {
    const [one, two] = [offer('one'), offer('<p>два {{status}}</p>')];
    const pages = start();
    await Promise.all([pages.prepare([siteWith(one, two), siteWith(one)]), pages.prepare([siteWith(two)])]);
    expect(core.pageRequests.toSorted()).toEqual([one, two].toSorted());
    expect(await store.read(two)).toBe('<p>два {{status}}</p>');
    store = await openErrorPageStore(folder);
    await start().prepare([siteWith(one, two)]);
    expect(core.pageRequests, 'none again').toHaveLength(2);
    expect((await stat(join(folder, one))).mode & 0o777).toBe(0o600);
  });

  it('are tried again when the Core has trouble, a few times', async () => {
    const hash = offer('one');
    core.pageRefusal = { status: 503, detail: 'busy' };
    const pages = start();
    await pages.prepare([siteWith(hash)]);
    expect(core.pageRequests).toHaveLength(3);
    expect([store.has(hash), pages.figures()]).toEqual([false, { fetched: 0, failures: 3 }]);
  });

  it('are not asked for again at once when the Core refuses', async () => {
    const hash = hashOf('unknown to the Core');
    await start().prepare([siteWith(hash)]);
    expect(core.pageRequests).toEqual([hash]);
  });

  it('come later when they did not come in time, and the proxy hears of it once', async () => {
    const hash = offer('one');
    wanted = [siteWith(hash)];
    core.pageRefusal = { status: 404, detail: 'not yet' };
    const pages = start({ retryIntervalMs: 50 });
    await pages.prepare(wanted);
    await expect.poll(() => core.pageRequests.length, WAIT).toBeGreaterThan(2);
    expect([arrivals, log.text().match(/"level":(?:40|"warn")/g)?.length]).toEqual([0, 1]);
    core.pageRefusal = null;
    await expect.poll(() => arrivals, WAIT).toBe(1);
    expect(await store.read(hash)).toBe('one');
  });

  it('that are not what their hash says are not kept', async () => {
    const hash = hashOf('what was asked for');
    core.pages.set(hash, 'something else');
    await start().prepare([siteWith(hash)]);
    expect([store.has(hash), await readdir(folder)]).toEqual([false, []]);
    expect(log.text()).toContain(hash);
  });

  it('that are too large are not kept, nor read to their end', async () => {
    const large = offer('x'.repeat(MAX_ERROR_PAGE_BYTES + 1));
    const pages = start();
    await pages.prepare([siteWith(large)]);
    expect(store.has(large)).toBe(false);
    const allowed = offer('x'.repeat(MAX_ERROR_PAGE_BYTES));
    await pages.prepare([siteWith(allowed)]);
    expect(store.has(allowed), 'the control').toBe(true);
  });

  it('are waited for within a bound, and the agent ends while it waits', async () => {
    const hash = offer('one');
    core.isHanging = true;
    const pages = start();
    const preparing = pages.prepare([siteWith(hash)]);
    await expect.poll(() => core.pageRequests.length, WAIT).toBe(1);
    ending.abort();
    await preparing;
    await pages.finished;
    expect(store.has(hash)).toBe(false);
  });

  it('that no site wants any more are removed', async () => {
    const [one, two] = [offer('one'), offer('two')];
    const pages = start();
    await pages.prepare([siteWith(one, two)]);
    await pages.settle([siteWith(two)]);
    expect(await readdir(folder)).toEqual([two]);
    expect([store.has(one), await store.read(one), await store.read(two)]).toEqual([false, null, 'two']);
  });
});

describe('the folder of error pages', () => {
  it('is left to nothing but hashes', async () => {
    await writeFile(join(folder, '.tmp-half'), 'half');
    await writeFile(join(folder, 'evil.html'), 'x');
    store = await openErrorPageStore(folder);
    expect(await readdir(folder)).toEqual([]);
    const outside = `../${'a'.repeat(61)}`;
    await expect(store.write(outside, 'x')).rejects.toThrow('hash');
    expect(await store.read(outside)).toBeNull();
    expect(await store.read('../../etc/passwd')).toBeNull();
  });

  it('does not give out what was damaged; it is fetched again', async () => {
    const hash = offer('one');
    const pages = start();
    await pages.prepare([siteWith(hash)]);
    await writeFile(join(folder, hash), 'damaged');
    expect(await store.read(hash)).toBeNull();
    await pages.prepare([siteWith(hash)]);
    expect(await store.read(hash)).toBe('one');
  });
});
