import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { DockerDaemon } from './testing/docker-daemon.ts';
import { IMAGE, ReplicaStand } from './testing/replica-stand.ts';

const canRun = process.env['FLOTILLA_TEST_DOCKER'] === '1' && process.getuid?.() === 0;
/** The agent looks every few seconds: long enough for it to meet a Docker that is away. */
const AWAY_MS = 6000;

let daemon: DockerDaemon;
let stand: ReplicaStand;
afterEach(async () => {
  await stand[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
});

async function settleTwo(options: readonly string[]): Promise<string[]> {
  daemon = await DockerDaemon.start(IMAGE, options);
  stand = await ReplicaStand.start(daemon.socket);
  stand.want({ count: 2 });
  return stand.untilSettled(2, 60_000);
}

/** With those that have ended. */
const listAll = async (): Promise<string[]> => {
  const ids = await stand.docker('ps', '--all', '--quiet', '--no-trunc', '--filter', `label=${stand.label}`);
  return ids.split('\n').filter((id) => id !== '');
};

describe.skipIf(!canRun)('a Docker daemon that is restarted', () => {
  it('and lets containers live: they serve on, are found again, and not one is made', async () => {
    const before = await settleTwo(['--live-restore']);
    const told = stand.gate.rosters.length;
    await daemon.stop();
    await delay(AWAY_MS);
    expect(stand.gate.rosters.slice(told), 'nobody is taken out meanwhile').toEqual([]);
    await daemon.start();
    expect((await stand.untilSettled(2)).toSorted()).toEqual(before.toSorted());
    expect((await listAll()).toSorted()).toEqual(before.toSorted());
    expect(
      stand.gate.rosters.slice(told).every((roster) => roster.length === 2),
      'nor afterwards',
    ).toBe(true);
  }, 180_000);

  it('and ends containers: as many are there again, and none is left over', async () => {
    const before = await settleTwo([]);
    await daemon.stop();
    await delay(AWAY_MS);
    await daemon.start();
    const after = await stand.untilSettled(2, 90_000);
    await expect.poll(async () => (await listAll()).toSorted(), { timeout: 30_000 }).toEqual(after.toSorted());
    expect(before, 'the control: they had ended').not.toEqual(after);
  }, 180_000);
});
