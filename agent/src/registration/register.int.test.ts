import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCoreClient, type CoreClient } from '../shared/core-client.ts';
import { AGENT_ID, API_KEY, CoreStandIn, JOIN_TOKEN } from '../testing/core-stand-in.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { register } from './register.ts';

let core: CoreStandIn;
let client: CoreClient;
let log: ReturnType<typeof createMemoryLog>;

beforeEach(async () => {
  core = new CoreStandIn();
  await core.start();
  client = createCoreClient(core.url);
  log = createMemoryLog();
});

afterEach(async () => {
  client.close();
  await core.stop();
});

const join = (joinToken: string, options: { retryForMs?: number; signal?: AbortSignal } = {}) =>
  register(
    { joinToken, name: 'node-1', version: '1.2.3' },
    { core: client, logger: log.logger, signal: new AbortController().signal, ...options },
  );

describe('register', () => {
  it('joins with the public half of a key pair made here', async () => {
    core.bus = { urls: ['nats://core:4222'], jwt: 'a.b.c', inboxPrefix: `_INBOX.${AGENT_ID}` };
    const enrolment = await join(JOIN_TOKEN);
    expect(enrolment).toMatchObject({ agentId: AGENT_ID, apiKey: API_KEY, bus: { jwt: 'a.b.c' } });
    expect(enrolment.bus?.seed).toMatch(/^SU[A-Z2-7]{56}$/);
    expect(core.registrations).toEqual([
      { name: 'node-1', version: '1.2.3', busPublicKey: expect.stringMatching(/^U[A-Z2-7]{55}$/) as string },
    ]);
    expect(JSON.stringify(core.registrations)).not.toContain(enrolment.bus?.seed);
  });

  it.each([
    ['unknown', 'flj_unknown', 'the join token is unknown'],
    ['used', JOIN_TOKEN, 'the join token was used already'],
  ])('says why a token that is %s does not let it in', async (_, token, reason) => {
    await join(JOIN_TOKEN);
    await expect(join(token)).rejects.toThrow(`${reason}; make a new join token`);
    expect(log.text()).not.toContain(token);
  });

  it('waits for a Core that is away', async () => {
    await core.stop();
    const joining = join(JOIN_TOKEN);
    await waitUntil('an attempt', () => log.text().includes('cannot register yet'));
    await core.start();
    expect((await joining).agentId).toBe(AGENT_ID);
  });

  it('gives up when that takes longer than a token lives', async () => {
    await core.stop();
    await expect(join(JOIN_TOKEN, { retryForMs: 100 })).rejects.toThrow(/could not register.*ECONNREFUSED/);
  });

  it('ends when it is told to', async () => {
    await core.stop();
    const ending = new AbortController();
    const joining = join(JOIN_TOKEN, { signal: ending.signal });
    await waitUntil('an attempt', () => log.text().includes('cannot register yet'));
    ending.abort();
    await expect(joining).rejects.toThrow('aborted');
  });
});
