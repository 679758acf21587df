import { describe, expect, it } from 'vitest';
import { parseAck } from './parse-ack.ts';

describe('parseAck', () => {
  it.each([
    ['a stored message', '{"stream":"METRICS","seq":7}', 0, { kind: 'stored', isRepeat: false }],
    ['a repeat', '{"stream":"METRICS","seq":7,"duplicate":true}', 0, { kind: 'stored', isRepeat: true }],
    [
      'a message that is too large',
      '{"error":{"code":400,"err_code":10054,"description":"message size exceeds maximum allowed"},"stream":"METRICS","seq":0}',
      0,
      { kind: 'refused', code: 400, reason: 'message size exceeds maximum allowed' },
    ],
    ['an error without words', '{"error":{}}', 0, { kind: 'refused', code: 0, reason: 'no reason' }],
    ['nobody there', '', 503, { kind: 'refused', code: 503, reason: 'no stream takes these messages' }],
    ['nonsense', 'OK', 0, { kind: 'refused', code: 0, reason: 'the answer is not JSON' }],
    ['another answer', '{"ok":true}', 0, { kind: 'refused', code: 0, reason: 'the answer names no stream' }],
    ['null', 'null', 0, { kind: 'refused', code: 0, reason: 'the answer is no object' }],
  ])('reads %s', (_, text, status, ack) => {
    expect(parseAck(text, status)).toEqual(ack);
  });
});
