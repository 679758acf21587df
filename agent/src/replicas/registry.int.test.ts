import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ImageRegistry } from './testing/image-registry.ts';
import { BOUND, IMAGE, ReplicaStand } from './testing/replica-stand.ts';

const USER = { username: 'deploy', password: 'the right Passw0rd' };
const WRONG = { username: 'deploy', password: 'not the Passw0rd' };

let stand: ReplicaStand;
let registry: ImageRegistry;
beforeEach(async () => {
  stand = await ReplicaStand.start();
  registry = await ImageRegistry.start(IMAGE, USER);
});
afterEach(async () => {
  const { image } = registry;
  await stand[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  if ((await stand.docker('images', '--quiet', image)) !== '') await stand.docker('rmi', image);
});

/** Everything that leaves the agent: its log, its reports, and what others may read of its file. */
const readAll = (): string => `${stand.log.text()}\n${JSON.stringify(stand.reports)}`;
const imageOf = (id: string): Promise<string> => stand.docker('inspect', '--format', '{{.Config.Image}}', id);

describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('an image of a registry that lets in one user', () => {
  it('is pulled as that user', async () => {
    stand.want({ count: 2 }, { image: registry.image, registry: USER });
    const ids = await stand.untilSettled(2);
    expect(await Promise.all(ids.map(imageOf))).toEqual([registry.image, registry.image]);
    expect(registry.counts.admitted).toBeGreaterThan(0);
    expect(readAll()).not.toContain(USER.password);
  });

  it.each([
    ['a wrong password', WRONG],
    ['no user', null],
  ])(
    'is not pulled with %s: the reason is told, those before serve on, and the right one makes good',
    async (_, user) => {
      stand.want({ count: 2 });
      const before = await stand.untilSettled(2);
      stand.want({ count: 2 }, { image: registry.image, registry: user });
      await expect.poll(() => stand.last?.problem, BOUND).toContain(`The image ${registry.image} cannot be pulled`);
      expect(stand.last?.problem).toContain('Check the registry’s user and password');
      await expect.poll(() => stand.last?.rollout, BOUND).toBe('rolled_back');
      expect(registry.counts.refused, 'the control: it was asked').toBeGreaterThan(0);
      expect(registry.counts.admitted).toBe(0);
      expect((await stand.listIds()).toSorted()).toEqual(before.toSorted());
      expect(
        stand.gate.rosters
          .at(-1)
          ?.map(({ containerId }) => containerId)
          .toSorted(),
      ).toEqual(before.toSorted());
      expect(
        stand.gate.rosters
          .slice(stand.gate.rosters.findIndex((roster) => roster.length === 2))
          .every((roster) => roster.length === 2),
      ).toBe(true);
      const basic = Buffer.from(`${WRONG.username}:${WRONG.password}`).toString('base64');
      expect([WRONG.password, basic].filter((secret) => readAll().includes(secret))).toEqual([]);
      expect(readAll(), 'the control: the log has the reason').toContain('a replica was not made');

      stand.want({ count: 2 }, { image: registry.image, registry: USER });
      const after = await stand.untilSettled(2);
      expect(after.filter((id) => before.includes(id))).toEqual([]);
    },
  );
});
