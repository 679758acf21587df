import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { site, type ReplicasInput, type ServiceReplicasReport, type Site } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServingReplica } from '../shared/replica-gate.ts';
import { REPLICA_AGENT_LABEL, REPLICA_SERVICE_LABEL } from '../shared/replica-label.ts';
import { DockerRelay } from '../testing/docker-relay.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { createReplicaDocker } from './replica-docker.ts';
import { createReplicasRepository } from './replicas.repository.ts';
import { startReplicas, type Replicas } from './start-replicas.ts';

const IMAGE = 'flotilla-test/web';
const BOUND = { timeout: 30_000, interval: 50 };
const run = promisify(execFile);
const docker = async (...args: string[]) => (await run('docker', args)).stdout.trim();

/** Stands for nginx: it lets through what it is told, and remembers every word. */
class RecordingGate {
  readonly rosters: ServingReplica[][] = [];
  refusal: string | null = null;
  readonly serve = async (_serviceId: string, replicas: readonly ServingReplica[]): Promise<void> => {
    if (this.refusal !== null) throw new Error(this.refusal);
    this.rosters.push([...replicas]);
  };
  get ids(): string[] {
    return (this.rosters.at(-1) ?? []).map(({ containerId }) => containerId);
  }
}

describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('replicas', () => {
  const serviceId = randomUUID();
  const agentId = randomUUID();
  const label = `${REPLICA_SERVICE_LABEL}=${serviceId}`;
  let directory: string;
  let relay: DockerRelay;
  let gate: RecordingGate;
  let reports: ServiceReplicasReport[];
  let replicas: Replicas;
  let abort: AbortController;
  let revision = 0;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flotilla-replicas-'));
    relay = new DockerRelay(directory);
    await relay.start();
    await start();
  });
  afterEach(async () => {
    await stop();
    await relay.cut();
    const left = await docker('ps', '--all', '--quiet', '--filter', `label=${label}`);
    if (left !== '') await docker('rm', '--force', ...left.split('\n'));
    await rm(directory, { recursive: true });
  });

  async function start(): Promise<void> {
    gate = new RecordingGate();
    reports = [];
    abort = new AbortController();
    const { logger } = createMemoryLog();
    replicas = await startReplicas({
      docker: createReplicaDocker(relay.path, agentId),
      gate,
      repository: createReplicasRepository(directory, logger),
      procFolder: '/proc',
      onReport: (report) => reports.push(report),
      logger,
      signal: abort.signal,
    });
  }
  async function stop(): Promise<void> {
    abort.abort();
    await replicas.finished;
  }

  function buildSite(change: Partial<Omit<ReplicasInput, 'container'>> = {}, container: object = {}): Site {
    revision += 1;
    return site.parse({
      serviceId,
      serviceRevision: revision,
      name: 'shop',
      domains: ['shop.example.com'],
      target: { replicas: true, port: 80 },
      basicAuth: null,
      replicas: {
        container: { image: IMAGE, environment: [], stopGraceMs: 1000, ...container },
        count: 1,
        drainMs: 5000,
        slowStartMs: 0,
        ...change,
      },
    });
  }
  const want = (...args: Parameters<typeof buildSite>): void => replicas.settle([buildSite(...args)], new Set());
  const listIds = async (): Promise<string[]> => {
    const text = await docker('ps', '--quiet', '--no-trunc', '--filter', `label=${label}`);
    return text === '' ? [] : text.split('\n');
  };
  const last = (): ServiceReplicasReport | undefined => reports.at(-1);
  const untilSettled = async (count: number): Promise<string[]> => {
    await expect
      .poll(
        () => ({
          rollout: last()?.rollout,
          wanted: last()?.wanted,
          states: last()?.replicas.map(({ state }) => state),
        }),
        BOUND,
      )
      .toEqual({ rollout: 'settled', wanted: count, states: Array.from({ length: count }, () => 'ready') });
    await expect.poll(() => gate.ids.length, BOUND).toBe(count);
    const ids = await listIds();
    expect(ids.toSorted()).toEqual(gate.ids.toSorted());
    return ids;
  };

  it('starts what is missing and ends what is too much, never without one that serves', async () => {
    want({ count: 1 });
    const [first] = await untilSettled(1);
    want({ count: 3 });
    expect(await untilSettled(3)).toContain(first);
    want({ count: 1 });
    expect(await untilSettled(1)).toEqual([first]);
    const since = gate.rosters.findIndex((roster) => roster.length > 0);
    expect(gate.rosters.slice(since).every((roster) => roster.length > 0)).toBe(true);
    want({ count: 0 });
    await untilSettled(0);
  });

  it('obeys the newer of two numbers, and keeps it on disk for the next agent', async () => {
    want({ count: 1 });
    await untilSettled(1);
    expect(await replicas.scale(serviceId, { scaleRevision: 3, count: 2 })).toMatchObject({ outcome: 'accepted' });
    await untilSettled(2);
    expect(await replicas.scale(serviceId, { scaleRevision: 2, count: 5 })).toEqual({
      outcome: 'outdated',
      scaleRevision: 3,
    });
    expect(await replicas.scale(randomUUID(), { scaleRevision: 1, count: 1 })).toMatchObject({
      outcome: 'unknown_service',
    });
    const ids = await untilSettled(2);
    await stop();
    await start();
    want({ count: 1 });
    expect((await untilSettled(2)).toSorted()).toEqual(ids.toSorted());
    expect(
      gate.rosters.every((roster) => roster.length === 2),
      'nobody was left out meanwhile',
    ).toBe(true);
  });

  it('finishes what an agent had begun that ended in the middle of it', async () => {
    want({ count: 4 });
    await expect.poll(async () => (await listIds()).length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(0);
    await stop();
    const begun = await listIds();
    await start();
    want({ count: 4 });
    const ids = await untilSettled(4);
    expect(
      ids.filter((id) => begun.includes(id)),
      'what was there is kept',
    ).toHaveLength(begun.length);
  });

  it('leaves everything as it is while Docker is away, and doubles nothing when it is back', async () => {
    want({ count: 2 });
    const ids = await untilSettled(2);
    await relay.cut();
    await replicas.scale(serviceId, { scaleRevision: 1000, count: 3 });
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect((await listIds()).toSorted()).toEqual(ids.toSorted());
    expect(gate.ids.toSorted(), 'nobody loses requests because Docker cannot be asked').toEqual(ids.toSorted());
    await relay.start();
    replicas.look();
    expect(await untilSettled(3)).toEqual(expect.arrayContaining(ids));
  });

  it('replaces one that has died, tells how it ended, and waits longer each time', async () => {
    want({ count: 1 }, { command: ['/bin/sh', '-c', 'echo "no database: giving up" >&2; sleep 1; exit 3'] });
    await expect.poll(() => last()?.problem, BOUND).toContain('exit code 3');
    expect(last()?.problem).toContain('no database: giving up');
    expect(gate.rosters, 'what was served before goes on while none is ready').toEqual([]);
    const made = () => new Set(reports.flatMap((report) => report.replicas.map(({ name }) => name))).size;
    await expect.poll(made, BOUND).toBeGreaterThan(2);
    const before = made();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(made() - before, 'no crash loop at full speed').toBeLessThanOrEqual(1);
  });

  it('replaces one that was killed or removed by somebody else', async () => {
    want({ count: 2 });
    const [killed = '', removed = ''] = await untilSettled(2);
    await docker('kill', killed);
    replicas.look();
    await expect.poll(() => gate.ids, BOUND).not.toContain(killed);
    await docker('rm', '--force', removed);
    replicas.look();
    await expect.poll(() => gate.ids, BOUND).not.toContain(removed);
    const ids = await untilSettled(2);
    expect(ids).not.toContain(killed);
    expect(ids).not.toContain(removed);
  });

  it('rolls a newer image’s settings out one by one, with at least as many as before', async () => {
    want({ count: 2 });
    const before = await untilSettled(2);
    const seen = gate.rosters.length;
    want({ count: 2 }, { environment: [{ name: 'BODY', value: 'newer', isSecret: false }] });
    await expect.poll(() => gate.ids.some((id) => before.includes(id)), BOUND).toBe(false);
    const after = await untilSettled(2);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect(Math.min(...gate.rosters.slice(seen).map((roster) => roster.length))).toBeGreaterThanOrEqual(2);
  });

  it('goes back when the newer ones do not become ready, says why, and tries again when it is told to', async () => {
    want({ count: 1 });
    const before = await untilSettled(1);
    const rollout = { maxSurge: 1, maxUnavailable: 0, readyTimeoutMs: 1000 };
    want({ count: 1, rollout }, { command: ['/bin/sh', '-c', 'sleep 3600'] });
    await expect.poll(() => last()?.rollout, BOUND).toBe('rolled_back');
    await expect.poll(() => last()?.problem, BOUND).toMatch(/port 80.*ECONNREFUSED/);
    expect(last()?.problem).toContain('the version before runs on');
    await expect.poll(listIds, BOUND).toEqual(before);
    want({ count: 1, rollout }, { command: ['/start'] });
    expect(await untilSettled(1)).not.toEqual(before);
  });

  it('keeps the old ones when an image does not exist', async () => {
    want({ count: 2 });
    const before = await untilSettled(2);
    want({ count: 2 }, { image: 'localhost:1/no/such:image' });
    await expect.poll(() => last()?.problem, BOUND).toContain('The image localhost:1/no/such:image cannot be pulled');
    expect((await listIds()).toSorted()).toEqual(before.toSorted());
    expect(gate.ids.toSorted()).toEqual(before.toSorted());
  });

  it('waits for the connections of one that goes, then ends it', async () => {
    want({ count: 1 });
    const [id = ''] = await untilSettled(1);
    const address = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id);
    const socket = connect(80, address);
    await once(socket, 'connect');
    want({ count: 0, drainMs: 60_000 });
    await expect.poll(() => last()?.replicas[0]?.state, BOUND).toBe('draining');
    await expect.poll(() => gate.ids, BOUND).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await listIds(), 'the control: an open connection holds it').toEqual([id]);
    socket.destroy();
    await untilSettled(0);
  });

  it('ends one whose connections do not end when the drain time is over', async () => {
    want({ count: 1 });
    const [id = ''] = await untilSettled(1);
    const socket = connect(80, await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id));
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    want({ count: 0, drainMs: 1500 });
    const closed = once(socket, 'close');
    await untilSettled(0);
    expect(await closed, 'cut off when the container ended').toBeDefined();
  });

  it('ends none that nginx still sends requests to', async () => {
    want({ count: 2 });
    const ids = await untilSettled(2);
    gate.refusal = 'nginx: [emerg] no';
    want({ count: 1, drainMs: 0 });
    await expect.poll(() => last()?.problem, BOUND).toContain('[emerg] no');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect((await listIds()).toSorted()).toEqual(ids.toSorted());
    gate.refusal = null;
    await untilSettled(1);
  });

  it('leaves containers alone that are not its own', async () => {
    const name = `flotilla-${serviceId.slice(-12)}-stranger`;
    const ofAnotherAgent = ['--label', label, '--label', `${REPLICA_AGENT_LABEL}=${randomUUID()}`];
    const stranger = await docker('run', '--detach', '--name', name, ...ofAnotherAgent, IMAGE);
    try {
      want({ count: 1 });
      await expect.poll(() => gate.ids, BOUND).toHaveLength(1);
      expect(gate.ids).not.toContain(stranger);
      replicas.settle([], new Set());
      await expect.poll(listIds, BOUND).toEqual([stranger]);
      const ours = createReplicaDocker(relay.path, agentId);
      await expect(ours.stop(stranger, abort.signal)).rejects.toThrow('is left alone');
      await expect(ours.remove(stranger, abort.signal)).rejects.toThrow('is left alone');
      expect(await docker('inspect', '--format', '{{.State.Running}}', stranger)).toBe('true');
    } finally {
      await docker('rm', '--force', stranger);
    }
  });

  it('removes what is left of a service that is gone, but not before the Core has been heard', async () => {
    want({ count: 2 });
    await untilSettled(2);
    await stop();
    await start();
    replicas.look();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await listIds(), 'not before the Core has been heard').toHaveLength(2);
    replicas.settle([], new Set());
    await expect.poll(listIds, { timeout: 60_000, interval: 100 }).toEqual([]);
  }, 90_000);

  it('keeps what it remembers for its owner only', async () => {
    want({ count: 1 }, { environment: [{ name: 'PASSWORD', value: 'a secret', isSecret: true }] });
    await untilSettled(1);
    const file = join(directory, 'replicas.json');
    await expect.poll(() => readFile(file, 'utf8'), BOUND).toContain('a secret');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});
