import { describe, expect, it } from 'vitest';
import { decideRelay, type OutboxMessage } from './decide-relay.ts';

const id = '01890a5d-ac96-774b-bcce-b302099a8057';
const agentId = '01890a5d-ac96-774b-bcce-b302099a8058';
const payload = { id, kind: 'agent.offline', at: '2026-11-23T00:00:00.000Z', agentId, serviceId: null, data: {} };

function buildMessage(change: Partial<OutboxMessage> = {}): OutboxMessage {
  return { id, subject: `events.agent_offline.${agentId}`, payload, ...change };
}

describe('decideRelay', () => {
  it('publishes an event', () => {
    expect(decideRelay(buildMessage())).toEqual({ action: 'publish', body: JSON.stringify(payload) });
  });

  it.each<[string, Partial<OutboxMessage>, RegExp]>([
    ['an unknown kind', { payload: { ...payload, kind: 'agent.sleepy' } }, /^its kind /],
    ['another id', { payload: { ...payload, id: agentId } }, /id of another message/],
    ['a subject of another kind', { subject: `events.agent_online.${agentId}` }, /is no subject of agent\.offline/],
    ['a subject outside the stream', { subject: 'agents.x.wake' }, /is no subject of agent\.offline/],
    ['a wildcard', { subject: 'events.agent_offline.>' }, /is no subject of agent\.offline/],
    ['a subject with white space', { subject: 'events.agent_offline.a b' }, /is no subject of agent\.offline/],
    [
      'too much',
      { payload: { ...payload, data: { text: 'x'.repeat(300_000) } } },
      /^has 300\d+ bytes, more than 261632$/,
    ],
  ])('gives up %s', (_name, change, reason) => {
    expect(decideRelay(buildMessage(change))).toMatchObject({
      action: 'give-up',
      reason: expect.stringMatching(reason),
    });
  });
});
