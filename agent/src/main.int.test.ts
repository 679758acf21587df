import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { METRICS_STREAM, type HeartbeatRequest } from '@flotilla/contracts';
import { ensureStreams } from '@flotilla/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countStream, readStream } from './shared/publish/testing/read-stream.ts';
import { scanSegment } from './shared/spool/scan-segment.ts';
import { buildDesiredState, buildSite } from './nginx/testing/build-site.ts';
import { sendRequest } from './nginx/testing/send-request.ts';
import { AgentBus } from './testing/agent-bus.ts';
import { API_KEY, AGENT_ID, CoreStandIn } from './testing/core-stand-in.ts';
import { TestAgent } from './testing/test-agent.ts';

const HOST = 'shop.example.com';
const BOUND_MS = 10_000;

let core: CoreStandIn;
let agent: TestAgent;

beforeEach(async () => {
  core = new CoreStandIn();
  await core.start();
  agent = await TestAgent.create(core.url);
});

afterEach(async () => {
  await agent[Symbol.asyncDispose]();
  await core.stop();
});

/** A site that nginx answers by itself: no backend is needed to see which configuration serves. */
function buildTask() {
  const site = buildSite({
    domains: [HOST],
    redirect: { to: 'https://new.example.com', status: 302, keepPath: false },
  });
  return { id: randomUUID(), type: 'UPDATE_NGINX', payload: buildDesiredState(site) };
}

const isServing = async (): Promise<boolean> =>
  (await sendRequest({ port: agent.httpPort, host: HOST })).status === 302;

const findResult = ({ taskResults }: HeartbeatRequest, taskId: string) =>
  taskResults.find((result) => result.taskId === taskId && result.status !== 'running');

const waitForResult = (taskId: string) =>
  core.waitForHeartbeat((beat) => findResult(beat, taskId) !== undefined, BOUND_MS);

const countConfigurations = (): number => agent.output.split('nginx configuration handled').length - 1;

describe('an agent that joins', () => {
  it('keeps its key for its owner and out of the log, and is the same one after a restart', async () => {
    agent.start();
    const first = await core.waitForHeartbeat(() => true, BOUND_MS);
    const { text, mode } = await agent.readState();
    expect(JSON.parse(text)).toMatchObject({ agentId: AGENT_ID, apiKey: API_KEY, coreUrl: core.url });
    expect(mode).toBe(0o600);
    expect(await agent.stop()).toBe(0);
    agent.start();
    await core.waitForHeartbeat(({ sessionId }) => sessionId !== first.sessionId, BOUND_MS);
    expect(core.registrations).toHaveLength(1);
    expect(agent.output).not.toContain(API_KEY);
  });

  it('ends with the Core’s reason when its token was used', async () => {
    agent.start();
    await core.waitForHeartbeat(() => true, BOUND_MS);
    await using second = await TestAgent.create(core.url);
    second.start();
    expect(await second.waitForExit()).toBe(1);
    expect(second.output).toContain('the join token was used already');
  });

  it('never joins again by itself when its state cannot be read', async () => {
    await writeFile(agent.stateFile, '{"agentId":');
    agent.start();
    expect(await agent.waitForExit()).toBe(1);
    expect(agent.output).toContain('is not JSON');
    expect(core.registrations).toHaveLength(0);
  });

  it('names all wrong settings at once', async () => {
    await using wrong = await TestAgent.create('core', { FLOTILLA_PROXY_HTTP_PORT: '80 80' });
    wrong.start();
    expect(await wrong.waitForExit()).toBe(1);
    expect(wrong.output).toContain('FLOTILLA_CORE_URL');
    expect(wrong.output).toContain('FLOTILLA_PROXY_HTTP_PORT');
  });

  it('leaves a directory to the agent that works in it', async () => {
    agent.start();
    await core.waitForHeartbeat(() => true, BOUND_MS);
    await using second = await TestAgent.create(core.url, { FLOTILLA_AGENT_DIR: agent.dir });
    second.start();
    expect(await second.waitForExit()).toBe(1);
    expect(second.output).toContain('another agent runs with the directory');
  });
});

describe('an agent at work', () => {
  it('carries a task out once, however often it comes, and tells what serves', async () => {
    const task = buildTask();
    core.tasks = [task, task];
    agent.start();
    const beat = await waitForResult(task.id);
    expect(findResult(beat, task.id)).toMatchObject({ status: 'succeeded', result: { outcome: 'applied' } });
    expect(beat.appliedRevision).toBe(task.payload.revision);
    expect(await isServing()).toBe(true);

    core.heartbeats.length = 0;
    core.tasks = [task];
    await waitForResult(task.id);
    await expect.poll(countConfigurations, { timeout: BOUND_MS }).toBe(1);

    // The control: under another id the same payload is carried out again.
    const another = { ...task, id: randomUUID() };
    core.tasks = [another];
    await waitForResult(another.id);
    await expect.poll(countConfigurations, { timeout: BOUND_MS }).toBe(2);
  });

  it('serves from disk while the Core is away, and reports when it is back', async () => {
    const task = buildTask();
    core.tasks = [task];
    agent.start();
    await waitForResult(task.id);
    await core.stop();
    await agent.waitForLog('heartbeat failed');
    expect(await agent.stop()).toBe(0);
    await expect(isServing()).rejects.toThrow('ECONNREFUSED');

    agent.start();
    await expect.poll(() => isServing().catch(() => false), { timeout: BOUND_MS }).toBe(true);
    core.heartbeats.length = 0;
    await core.start();
    const beat = await core.waitForHeartbeat(() => true, BOUND_MS);
    expect(beat.appliedRevision).toBe(task.payload.revision);
  });

  it('stops heartbeating for good when its key is refused, and serves on', async () => {
    const task = buildTask();
    core.tasks = [task];
    agent.start();
    await waitForResult(task.id);
    core.refusal = { status: 401, detail: 'This node was removed.' };
    await agent.waitForLog('No more heartbeats');
    expect(agent.output).toContain('This node was removed.');
    core.refusal = null;
    core.heartbeats.length = 0;
    // More than two intervals: a loop that still ran would have come by.
    await delay(2500);
    expect(core.heartbeats).toHaveLength(0);
    expect(agent.exitCode).toBeNull();
    expect(await isServing()).toBe(true);
  });
});

describe('an agent that is killed while it samples', () => {
  /** Times of the samples in its spool. */
  async function readSpool(): Promise<number[]> {
    const folder = join(agent.dir, 'spool');
    const names = await readdir(folder).catch(() => []);
    const files = names.filter((name) => name.endsWith('.segment')).toSorted();
    const contents = await Promise.all(files.map((name) => readFile(join(folder, name))));
    return contents.flatMap((content) => scanSegment(content).records.map(({ sampledAt }) => sampledAt));
  }

  it('brings all of its samples to the bus after its next start, each once', async () => {
    await using sampling = await TestAgent.create(core.url, { FLOTILLA_SAMPLE_INTERVAL_MS: '1000' });
    await agent[Symbol.asyncDispose]();
    agent = sampling;
    agent.start();
    await expect.poll(async () => (await readSpool()).length, { timeout: 20_000 }).toBeGreaterThan(2);
    await agent.kill();
    const kept = await readSpool();

    const bus = await AgentBus.start();
    try {
      const coreBus = await bus.connectAsCore();
      await ensureStreams(coreBus, [METRICS_STREAM]);
      core.renew = (publicKey) => bus.admit(AGENT_ID, publicKey);
      agent.start();
      await expect.poll(() => countStream(coreBus), { timeout: 20_000 }).toBeGreaterThan(kept.length + 1);
      expect(await agent.stop()).toBe(0);
      const times = (await readStream(coreBus)).map(
        ({ payload }) => (JSON.parse(Buffer.from(payload).toString()) as { sampledAt: number }).sampledAt,
      );
      expect(times.slice(0, kept.length)).toEqual(kept);
      expect(times, 'in order, each once').toEqual([...new Set(times)].toSorted((a, b) => a - b));
    } finally {
      await bus.stop();
    }
  });
});
