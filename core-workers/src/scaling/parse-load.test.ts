import { subjects, type LoadMessage } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { parseLoad } from './parse-load.ts';

const STORED_AT = Date.parse('2026-01-01T00:00:00Z');
const subject = subjects.load(3, 'agent-1');
const encode = (body: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(body));
const message: LoadMessage = { sampledAt: STORED_AT - 50, intervalMs: 5000, services: [] };

describe('parseLoad', () => {
  it('takes the agent from the subject, whatever the body says', () => {
    expect(parseLoad(encode({ ...message, agentId: 'agent-2' }), subject, STORED_AT)).toEqual({
      ok: true,
      value: { ...message, agentId: 'agent-1' },
    });
  });

  it.each<[string, unknown, string, RegExp]>([
    ['no JSON', undefined, subject, /is not JSON/],
    ['another shape', { ...message, services: {} }, subject, /^services /],
    ['another subject', message, 'events.agent_online.x', /names no agent/],
    ['a clock that is behind', { ...message, sampledAt: STORED_AT - 600_001 }, subject, /600001 ms off/],
    ['a clock that is ahead', { ...message, sampledAt: STORED_AT + 600_001 }, subject, /600001 ms off/],
    ['more services than a message has', { ...message, services: Array(1001).fill(null) }, subject, /services/],
  ])('refuses %s', (_, body, of, reason) => {
    const parsed = parseLoad(body === undefined ? new Uint8Array([123]) : encode(body), of, STORED_AT);
    expect(parsed).toEqual({ ok: false, reason: expect.stringMatching(reason) as string });
  });
});
