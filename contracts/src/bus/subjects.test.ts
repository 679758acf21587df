import { describe, expect, it } from 'vitest';
import { eventKind, eventSubjectToken } from './events.ts';
import { agentInboxPrefix, parseAgentSubject, parseTelemetrySubject, subjects } from './subjects.ts';

describe('subjects', () => {
  it('read back the agent that they were made for', () => {
    expect(parseAgentSubject(subjects.agentPresence('a1'))).toBe('a1');
    expect(parseAgentSubject('events.x.y')).toBeNull();
    expect(parseAgentSubject('agents.a1')).toBeNull();
  });

  it.each([
    [subjects.metrics('a1'), 'a1'],
    ['telemetry.metrics.3', null],
    ['telemetry.metrics.3.a1.more', null],
    ['agents.metrics.3.a1', null],
    ['', null],
  ])('tell whose sample %j is: %j', (subject, agentId) => {
    expect(parseTelemetrySubject(subject)).toBe(agentId);
  });

  it('keep event kinds in one token', () => {
    for (const kind of eventKind.options) {
      expect(subjects.event(eventSubjectToken(kind), 'x').split('.')).toHaveLength(3);
    }
  });

  it('separate the inboxes of agents', () => {
    expect(agentInboxPrefix('a1')).toBe('_INBOX.a1');
  });
});
