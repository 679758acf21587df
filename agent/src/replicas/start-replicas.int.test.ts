import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DockerRelay } from '../testing/docker-relay.ts';
import { BOUND, ReplicaStand } from './testing/replica-stand.ts';

describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('replicas', () => {
  let relayFolder: string;
  let relay: DockerRelay;
  let stand: ReplicaStand;

  beforeEach(async () => {
    relayFolder = await mkdtemp(join(tmpdir(), 'flotilla-relay-'));
    relay = new DockerRelay(relayFolder);
    await relay.start();
    stand = await ReplicaStand.start(undefined, relay.path);
  });
  afterEach(async () => {
    await stand[Symbol.asyncDispose]();
    await relay.cut();
    await rm(relayFolder, { recursive: true });
  });

  it('starts what is missing and ends what is too much, never without one that serves', async () => {
    stand.want({ count: 1 });
    const [first] = await stand.untilSettled(1);
    stand.want({ count: 3 });
    expect(await stand.untilSettled(3)).toContain(first);
    stand.want({ count: 1 });
    expect(await stand.untilSettled(1)).toEqual([first]);
    const since = stand.gate.rosters.findIndex((roster) => roster.length > 0);
    expect(stand.gate.rosters.slice(since).every((roster) => roster.length > 0)).toBe(true);
    stand.want({ count: 0 });
    await stand.untilSettled(0);
  });

  it('obeys the newer of two numbers, and keeps it on disk for the next agent', async () => {
    stand.want({ count: 1 });
    await stand.untilSettled(1);
    expect(await stand.replicas.scale(stand.serviceId, { scaleRevision: 3, count: 2 })).toMatchObject({
      outcome: 'accepted',
    });
    await stand.untilSettled(2);
    expect(await stand.replicas.scale(stand.serviceId, { scaleRevision: 2, count: 5 })).toEqual({
      outcome: 'outdated',
      scaleRevision: 3,
    });
    expect(await stand.replicas.scale(randomUUID(), { scaleRevision: 1, count: 1 })).toMatchObject({
      outcome: 'unknown_service',
    });
    const ids = await stand.untilSettled(2);
    await stand.stop();
    await stand.start();
    stand.want({ count: 1 });
    expect((await stand.untilSettled(2)).toSorted()).toEqual(ids.toSorted());
    expect(
      stand.gate.rosters.every((roster) => roster.length === 2),
      'nobody was left out meanwhile',
    ).toBe(true);
  });

  it('finishes what an agent had begun that ended in the middle of it', async () => {
    stand.want({ count: 4 });
    await expect.poll(async () => (await stand.listIds()).length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(0);
    await stand.stop();
    const begun = await stand.listIds();
    await stand.start();
    stand.want({ count: 4 });
    const ids = await stand.untilSettled(4);
    expect(
      ids.filter((id) => begun.includes(id)),
      'what was there is kept',
    ).toHaveLength(begun.length);
  });

  it('leaves everything as it is while Docker is away, and doubles nothing when it is back', async () => {
    stand.want({ count: 2 });
    const ids = await stand.untilSettled(2);
    await relay.cut();
    await stand.replicas.scale(stand.serviceId, { scaleRevision: 1000, count: 3 });
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect((await stand.listIds()).toSorted()).toEqual(ids.toSorted());
    expect(stand.gate.ids.toSorted(), 'nobody loses requests because Docker cannot be asked').toEqual(ids.toSorted());
    await relay.start();
    stand.replicas.look();
    expect(await stand.untilSettled(3)).toEqual(expect.arrayContaining(ids));
  });

  it('replaces one that has died, tells how it ended, and waits longer each time', async () => {
    stand.want({ count: 1 }, { command: ['/bin/sh', '-c', 'echo "no database: giving up" >&2; sleep 1; exit 3'] });
    await expect.poll(() => stand.last?.problem, BOUND).toContain('exit code 3');
    expect(stand.last?.problem).toContain('no database: giving up');
    expect(stand.gate.rosters, 'what was served before goes on while none is ready').toEqual([]);
    const made = () => new Set(stand.reports.flatMap((report) => report.replicas.map(({ name }) => name))).size;
    await expect.poll(made, BOUND).toBeGreaterThan(2);
    const before = made();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(made() - before, 'no crash loop at full speed').toBeLessThanOrEqual(1);
  });

  it('replaces one that was killed or removed by somebody else', async () => {
    stand.want({ count: 2 });
    const [killed = '', removed = ''] = await stand.untilSettled(2);
    await stand.docker('kill', killed);
    stand.replicas.look();
    await expect.poll(() => stand.gate.ids, BOUND).not.toContain(killed);
    await stand.docker('rm', '--force', removed);
    stand.replicas.look();
    await expect.poll(() => stand.gate.ids, BOUND).not.toContain(removed);
    const ids = await stand.untilSettled(2);
    expect(ids).not.toContain(killed);
    expect(ids).not.toContain(removed);
  });

  it('rolls a newer image’s settings out one by one, with at least as many as before', async () => {
    stand.want({ count: 2 });
    const before = await stand.untilSettled(2);
    const seen = stand.gate.rosters.length;
    stand.want({ count: 2 }, { environment: [{ name: 'BODY', value: 'newer', isSecret: false }] });
    await expect.poll(() => stand.gate.ids.some((id) => before.includes(id)), BOUND).toBe(false);
    const after = await stand.untilSettled(2);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect(Math.min(...stand.gate.rosters.slice(seen).map((roster) => roster.length))).toBeGreaterThanOrEqual(2);
  });

  it('goes back when the newer ones do not become ready, says why, and tries again when it is told to', async () => {
    stand.want({ count: 1 });
    const before = await stand.untilSettled(1);
    const rollout = { maxSurge: 1, maxUnavailable: 0, readyTimeoutMs: 1000 };
    stand.want({ count: 1, rollout }, { command: ['/bin/sh', '-c', 'sleep 3600'] });
    await expect.poll(() => stand.last?.rollout, BOUND).toBe('rolled_back');
    await expect.poll(() => stand.last?.problem, BOUND).toMatch(/port 80.*ECONNREFUSED/);
    expect(stand.last?.problem).toContain('the version before runs on');
    await expect.poll(() => stand.listIds(), BOUND).toEqual(before);
    stand.want({ count: 1, rollout }, { command: ['/start'] });
    expect(await stand.untilSettled(1)).not.toEqual(before);
  });

  it('keeps the old ones when an image does not exist', async () => {
    stand.want({ count: 2 });
    const before = await stand.untilSettled(2);
    stand.want({ count: 2 }, { image: 'localhost:1/no/such:image' });
    await expect
      .poll(() => stand.last?.problem, BOUND)
      .toContain('The image localhost:1/no/such:image cannot be pulled');
    expect((await stand.listIds()).toSorted()).toEqual(before.toSorted());
    expect(stand.gate.ids.toSorted()).toEqual(before.toSorted());
  });

  it('waits for the connections of one that goes, then ends it', async () => {
    stand.want({ count: 1 });
    const [id = ''] = await stand.untilSettled(1);
    const address = await stand.docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id);
    const socket = connect(80, address);
    await once(socket, 'connect');
    stand.want({ count: 0, drainMs: 60_000 });
    await expect.poll(() => stand.last?.replicas[0]?.state, BOUND).toBe('draining');
    await expect.poll(() => stand.gate.ids, BOUND).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await stand.listIds(), 'the control: an open connection holds it').toEqual([id]);
    socket.destroy();
    await stand.untilSettled(0);
  });

  it('ends one whose connections do not end when the drain time is over', async () => {
    stand.want({ count: 1 });
    const [id = ''] = await stand.untilSettled(1);
    const socket = connect(80, await stand.docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id));
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    stand.want({ count: 0, drainMs: 1500 });
    const closed = once(socket, 'close');
    await stand.untilSettled(0);
    expect(await closed, 'cut off when the container ended').toBeDefined();
  });

  it('ends none that nginx still sends requests to', async () => {
    stand.want({ count: 2 });
    const ids = await stand.untilSettled(2);
    stand.gate.refusal = 'nginx: [emerg] no';
    stand.want({ count: 1, drainMs: 0 });
    await expect.poll(() => stand.last?.problem, BOUND).toContain('[emerg] no');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect((await stand.listIds()).toSorted()).toEqual(ids.toSorted());
    stand.gate.refusal = null;
    await stand.untilSettled(1);
  });

  it('removes what is left of a service that is gone, but not before the Core has been heard', async () => {
    stand.want({ count: 2 });
    await stand.untilSettled(2);
    await stand.stop();
    await stand.start();
    stand.replicas.look();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await stand.listIds(), 'not before the Core has been heard').toHaveLength(2);
    stand.replicas.settle([], new Set());
    await expect.poll(() => stand.listIds(), { timeout: 60_000, interval: 100 }).toEqual([]);
  }, 90_000);

  it('keeps what it remembers for its owner only', async () => {
    stand.want({ count: 1 }, { environment: [{ name: 'PASSWORD', value: 'a secret', isSecret: true }] });
    await stand.untilSettled(1);
    const file = join(stand.directory, 'replicas.json');
    await expect.poll(() => readFile(file, 'utf8'), BOUND).toContain('a secret');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});
