import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCoreClient, type CoreClient } from '../shared/core-client.ts';
import { createCoreClock } from '../shared/core-clock.ts';
import { buildContainer, buildFacts, buildResult, buildSiteConfig, REVISION } from '../testing/build-report.ts';
import { API_KEY, CoreStandIn } from '../testing/core-stand-in.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { startHeartbeats, type HeartbeatLoop } from './heartbeat-loop.ts';
import type { DeliveredTask } from './heartbeat-route.ts';
import { PendingReport } from './pending-report.ts';

const TIMEOUT_MS = 300;

let core: CoreStandIn;
let client: CoreClient;
let report: PendingReport;
let loop: HeartbeatLoop | null;
let log: ReturnType<typeof createMemoryLog>;
let tasks: DeliveredTask[];
const sessionId = randomUUID();

beforeEach(async () => {
  core = new CoreStandIn();
  await core.start();
  client = createCoreClient(core.url, TIMEOUT_MS);
  report = new PendingReport();
  report.setFacts(buildFacts());
  report.setContainers([buildContainer()]);
  log = createMemoryLog();
  tasks = [];
  loop = null;
});

afterEach(async () => {
  await loop?.close();
  client.close();
  await core.stop();
});

function start(apiKey = API_KEY): HeartbeatLoop {
  loop = startHeartbeats({
    core: client,
    apiKey,
    agentVersion: '1.2.3',
    sessionId,
    report,
    clock: createCoreClock(log.logger),
    readStatus: () => ({ bus: 'polling', appliedRevision: REVISION }),
    onTasks: (delivered) => tasks.push(...delivered),
    onBans: () => undefined,
    onResend: () => report.repeatSnapshots(),
    logger: log.logger,
    signal: new AbortController().signal,
  });
  return loop;
}

describe('heartbeats', () => {
  it('begin at once, with everything about the host, and then carry only what changed', async () => {
    const { runSoon } = start();
    const first = await core.waitForHeartbeat(() => true);
    expect(first).toMatchObject({ agentVersion: '1.2.3', sessionId, bus: 'polling', appliedRevision: REVISION });
    expect(first).toMatchObject({ facts: buildFacts(), containers: [buildContainer()] });
    runSoon();
    await waitUntil('a second heartbeat', () => core.heartbeats.length === 2);
    expect(core.heartbeats[1]).not.toHaveProperty('facts');
    expect(core.heartbeats[1]).not.toHaveProperty('containers');
    report.setContainers([]);
    runSoon();
    await core.waitForHeartbeat(({ containers }) => containers?.length === 0);
  });

  it('learn the Core’s time, and tell how far off this host is', async () => {
    core.clockAheadMs = 600_000;
    const { runSoon } = start();
    const first = await core.waitForHeartbeat(() => true);
    expect(first.clockOffsetMs, 'not known yet').toBeNull();
    runSoon();
    const { clockOffsetMs } = await core.waitForHeartbeat((beat) => beat.clockOffsetMs !== null);
    expect(Math.abs((clockOffsetMs ?? 0) - 600_000)).toBeLessThan(1000);
    core.clockAheadMs = 0;
    await core.waitForHeartbeat((beat) => beat.clockOffsetMs === 0, 10_000);
  });

  it('come at the Core’s interval, one at a time', async () => {
    start();
    await waitUntil('three heartbeats', () => core.heartbeats.length === 3);
    expect(await core.countConnections(), 'over one kept connection').toBe(1);
  });

  it('come within 100 ms of a wake, however many wakes there are', async () => {
    const { runSoon } = start();
    await core.waitForHeartbeat(() => true);
    await waitUntil('the wait between heartbeats', () => core.heartbeats.length === 1);
    const startedAt = performance.now();
    for (let wakes = 0; wakes < 100; wakes += 1) runSoon();
    await waitUntil('the heartbeat', () => core.heartbeats.length > 1);
    expect(performance.now() - startedAt).toBeLessThan(100);
    await waitUntil('the next one at its own time', () => core.heartbeats.length >= 3);
    expect(performance.now() - startedAt, '100 wakes are one').toBeGreaterThan(500);
  });

  it('hand over tasks, also of types that this agent does not know', async () => {
    core.tasks = [{ id: randomUUID(), type: 'FROM_THE_FUTURE', payload: { x: 1 } }];
    start();
    await waitUntil('the task', () => tasks.length === 1);
    expect(tasks[0]).toMatchObject({ type: 'FROM_THE_FUTURE', payload: { x: 1 } });
  });

  it('carry a result until the Core has it', async () => {
    const result = buildResult();
    core.refusal = { status: 503, detail: 'restarting' };
    report.addResult(result);
    start();
    await waitUntil('a failure', () => log.text().includes('heartbeat failed'));
    core.refusal = null;
    loop?.runSoon();
    await core.waitForHeartbeat(({ taskResults }) => taskResults.some(({ taskId }) => taskId === result.taskId));
    await waitUntil('the answer', () => !report.hasResults);
    loop?.runSoon();
    await waitUntil('one more heartbeat', () => core.heartbeats.length === 2);
    expect(core.heartbeats[1]?.taskResults, 'it is not told twice').toEqual([]);
  });

  it('tell everything again when the Core asks for it', async () => {
    core.resend = true;
    start();
    await waitUntil('facts twice', () => core.heartbeats.filter(({ facts }) => facts !== undefined).length === 2);
    expect(core.heartbeats[1]).toMatchObject({ facts: buildFacts(), containers: [buildContainer()] });
  });

  it('send compressed what is large, and in portions what does not fit', async () => {
    const configs = Array.from({ length: 300 }, () => buildSiteConfig({ text: 'x'.repeat(4000) }));
    report.addSiteConfigs(configs);
    start();
    const countSent = () => core.heartbeats.flatMap(({ siteConfigs = [] }) => siteConfigs).length;
    await waitUntil('all of them', () => countSent() === configs.length, 2000);
    expect(core.heartbeats.length).toBeGreaterThan(3);
    expect(core.compressedBodies).toBeGreaterThan(3);
  });

  it.each(['stopped', 'hanging'])('back off while the Core is %s, and come again when it is back', async (kind) => {
    start();
    await core.waitForHeartbeat(() => true);
    if (kind === 'stopped') await core.stop();
    else core.isHanging = true;
    loop?.runSoon();
    await waitUntil('two failures', () => (log.text().match(/heartbeat failed/g) ?? []).length >= 2, 10_000);
    expect(log.text()).toMatch(/cannot reach the Core at http/);
    const before = core.heartbeats.length;
    core.isHanging = false;
    if (kind === 'stopped') await core.start();
    loop?.runSoon();
    await waitUntil('a heartbeat', () => core.heartbeats.length > before);
    await waitUntil('the log', () => log.text().includes('the Core answers again'));
  });

  it('stop for good when the key is refused', async () => {
    const { runSoon, check } = start('flk_removed');
    await waitUntil('the log', () => log.text().includes('No more heartbeats'));
    expect(log.text()).toContain('This API key is unknown');
    expect(check).toThrow('refuses this agent');
    let requests = 0;
    core.refusal = {
      get status() {
        requests += 1;
        return 401;
      },
      detail: 'no',
    };
    runSoon();
    await loop?.close();
    expect(requests).toBe(0);
  });

  it('go on when something in front of the Core says 401', async () => {
    core.foreignStatus = 401;
    start();
    await waitUntil('a failure', () => log.text().includes('something else answers'));
    core.foreignStatus = null;
    loop?.runSoon();
    expect(await core.waitForHeartbeat(() => true)).toHaveProperty('facts');
  });

  it('do without the part that the Core refuses, and keep the result', async () => {
    const result = buildResult();
    report.addResult(result);
    report.setContainers([buildContainer({ id: 'x'.repeat(100) })]);
    const { runSoon } = start();
    await waitUntil('the refusal', () => log.text().includes('heartbeat failed'));
    runSoon();
    await core.waitForHeartbeat(({ taskResults }) => taskResults.length === 1);
    expect(log.text()).toMatch(/the Core refuses the inventory.*containers\.0\.id/);
  });

  it('send the last results when they end, and nothing when there are none', async () => {
    const idle = start();
    await core.waitForHeartbeat(() => true);
    await idle.close();
    const before = core.heartbeats.length;
    const ending = start();
    await waitUntil('its first heartbeat', () => core.heartbeats.length === before + 1);
    report.addResult(buildResult());
    await ending.close();
    expect(core.heartbeats.length).toBe(before + 2);
    expect(core.heartbeats.at(-1)?.taskResults).toHaveLength(1);
  });

  it('end within a bound when the Core hangs, and leave no connection', async () => {
    core.isHanging = true;
    const { close } = start();
    report.addResult(buildResult());
    await waitUntil('the connection', async () => (await core.countConnections()) === 1);
    const startedAt = performance.now();
    await close();
    expect(performance.now() - startedAt).toBeLessThan(1500);
    client.close();
    await waitUntil('no connection', async () => (await core.countConnections()) === 0);
  });
});
