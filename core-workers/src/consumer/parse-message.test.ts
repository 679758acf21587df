import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseMessage } from './parse-message.ts';

const schema = z.object({ id: z.uuid('is not an id'), count: z.number('is not a number') });
const encode = (text: string) => new TextEncoder().encode(text);
const id = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('parseMessage', () => {
  it('reads what the schema accepts', () => {
    expect(parseMessage(schema, encode(JSON.stringify({ id, count: 1, other: true })))).toEqual({
      ok: true,
      value: { id, count: 1 },
    });
  });

  it.each([
    ['an empty body', encode(''), /^is not JSON/],
    ['text', encode('hello'), /^is not JSON/],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), /^is not JSON/],
    ['another shape', encode('[]'), /^the whole /],
    ['wrong fields, all of them', encode('{"id":"x"}'), /^id is not an id; count is not a number$/],
  ])('says what is wrong with %s', (_name, body, reason) => {
    expect(parseMessage(schema, body)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });
});
