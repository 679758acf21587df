import { describe, expect, it } from 'vitest';
import { formatFigures, type Figure } from './format-figures.ts';

const bytes: Figure = { name: 'flotilla_agent_spool_bytes', help: 'What waits', type: 'gauge', value: 0 };
const sent: Figure = { name: 'flotilla_agent_messages_sent_total', help: 'Sent', type: 'counter', value: 1e21 };

describe('formatFigures', () => {
  it('writes each with its help and type', () => {
    expect(formatFigures([bytes, sent])).toBe(
      [
        '# HELP flotilla_agent_spool_bytes What waits',
        '# TYPE flotilla_agent_spool_bytes gauge',
        'flotilla_agent_spool_bytes{process="agent"} 0',
        '',
        '# HELP flotilla_agent_messages_sent_total Sent',
        '# TYPE flotilla_agent_messages_sent_total counter',
        'flotilla_agent_messages_sent_total{process="agent"} 1e+21',
        '',
      ].join('\n'),
    );
  });

  it('leaves out what is not known', () => {
    expect(formatFigures([{ ...bytes, value: null }])).toBe('');
  });
});
