import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { queryRows, newId, recordEvents } from '@flotilla/core-db';
import { createTestDatabase, type TestDatabase } from '@flotilla/core-db/testing';
import { NatsServer } from '@flotilla/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const BOUND = { timeout: 15_000, interval: 20 };

describe('the roles after their shutdown', () => {
  let test: TestDatabase;
  let nats: NatsServer;
  beforeAll(async () => {
    test = await createTestDatabase();
    nats = await NatsServer.create();
    await nats.start();
  });
  afterAll(async () => {
    await nats.destroy();
    await test.close();
  });

  /** Runs the roles for an event's way through all of them, and closes them. */
  async function runRoles(...args: string[]): Promise<ChildProcess> {
    const child = fork(join(import.meta.dirname, 'testing/run-roles.ts'), [test.url, nats.url, ...args], {
      env: { PATH: process.env['PATH'] },
    });
    expect(await once(child, 'message')).toEqual(['started', undefined]);
    const event = { kind: 'agent.online', at: new Date(), agentId: newId(), serviceId: null, data: {} } as const;
    await recordEvents(test.session, [event]);
    await expect
      .poll(() => queryRows(test.session, 'select 1 from events where agent_id = $1', [event.agentId]), BOUND)
      .toHaveLength(1);
    child.send('stop');
    expect(await once(child, 'message')).toEqual(['closed', undefined]);
    return child;
  }

  it('leave nothing open: the process ends by itself', async () => {
    const child = await runRoles();
    await expect.poll(() => child.exitCode, { timeout: 3000, interval: 20 }).toBe(0);
  });

  it('would keep the process alive if something stayed open (negative control)', async () => {
    const child = await runRoles('leak');
    const ended = await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(resolve, 1500, null))]);
    expect(ended).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});
