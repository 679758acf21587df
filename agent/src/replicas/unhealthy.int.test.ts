import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BOUND, IMAGE, ReplicaStand } from './testing/replica-stand.ts';

const CHECKED_IMAGE = `flotilla-test/checked-${randomUUID()}`;
const CHECK = '[ ! -f /sick ] || { echo "no space for sessions"; exit 1; }';
/** Answers on /cgi-bin/health, too, and there with 500 when it is told to. */
const ANSWERING = {
  entrypoint: ['/bin/sh', '-c'],
  command: [
    'mkdir -p /www/cgi-bin && printf %s "$CGI" > /www/cgi-bin/health && /bin/busybox chmod 755 /www/cgi-bin/health && exec /start',
  ],
  environment: [
    {
      name: 'CGI',
      isSecret: false,
      value:
        '#!/bin/sh\n[ -f /sick ] && status="500 Sick" || status="200 OK"\nprintf "HTTP/1.0 %s\\r\\n\\r\\n" "$status"\n',
    },
  ],
  health: { kind: 'http', path: '/cgi-bin/health' },
};

let stand: ReplicaStand;
beforeEach(async () => {
  stand = await ReplicaStand.start();
});
afterEach(async () => {
  await stand[Symbol.asyncDispose]();
});

describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('a replica that loses its health', () => {
  beforeAll(async () => {
    await using maker = await ReplicaStand.start();
    const template = await maker.docker('create', '--label', maker.label, IMAGE);
    const check = `HEALTHCHECK --interval=1s --timeout=5s --retries=1 CMD ${JSON.stringify(['/bin/sh', '-c', CHECK])}`;
    await maker.docker('commit', '--change', check, template, CHECKED_IMAGE);
  });
  afterAll(async () => {
    await using maker = await ReplicaStand.start();
    await maker.docker('rmi', CHECKED_IMAGE);
  });

  it.each<[string, object, RegExp]>([
    [
      'its image’s own check',
      { image: CHECKED_IMAGE },
      /is unhealthy by its image’s own health check, which said: no space for sessions\. Correct what the check names/,
    ],
    [
      'an HTTP path that answers 500',
      ANSWERING,
      /answers GET \/cgi-bin\/health on port 80 with 500\. Correct the health check’s path/,
    ],
  ])('by %s takes no more requests, is replaced and removed', async (_, container, problem) => {
    stand.want({ count: 2 }, container);
    const [sick = '', well = ''] = await stand.untilSettled(2);
    const since = stand.gate.rosters.length;
    await stand.docker('exec', sick, '/bin/sh', '-c', 'echo yes > /sick');

    await expect.poll(() => stand.gate.ids, BOUND).not.toContain(sick);
    await expect.poll(() => stand.reports.some((report) => problem.test(report.problem ?? '')), BOUND).toBe(true);
    await expect
      .poll(async () => (await stand.docker('ps', '--all', '--quiet', '--no-trunc')).split('\n'), BOUND)
      .not.toContain(sick);
    const ids = await stand.untilSettled(2);
    // The control: one that stays well is neither replaced nor left out at any time.
    expect(ids).toContain(well);
    const rosters = stand.gate.rosters.slice(since).map((roster) => roster.map(({ containerId }) => containerId));
    expect(rosters.filter((roster) => !roster.includes(well))).toEqual([]);
    expect(stand.last?.problem).toBeNull();
  });

  it('is not made ready by a check that has never passed', async () => {
    const rollout = { maxSurge: 1, maxUnavailable: 0, readyTimeoutMs: 3000 };
    stand.want(
      { count: 1, rollout },
      { image: CHECKED_IMAGE, command: ['/bin/sh', '-c', 'echo yes > /sick; exec /start'] },
    );
    await expect
      .poll(() => stand.last?.problem, BOUND)
      .toMatch(/did not become ready within 3 s: it is unhealthy .* no space for sessions\. .* raise the time/);
    expect(stand.gate.rosters).toEqual([]);
  });
});
