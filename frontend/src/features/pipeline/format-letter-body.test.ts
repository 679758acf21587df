import { expect, it } from 'vitest';
import { formatLetterBody } from './format-letter-body.ts';

const encode = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

it.each([
  ['text', encode('{"a": 1}'), '{"a": 1}'],
  ['another script', encode('привет'), 'привет'],
  ['markup, as text', encode('<img src=x onerror=alert(1)>'), '<img src=x onerror=alert(1)>'],
  ['control characters', encode('a\u001b[31m\u202eb'), 'a�[31m�b'],
  ['bytes that are no text', btoa('\xff\xfe'), '��'],
  ['what is not base64', '%%%', '�'],
])('shows %s', (_, body, text) => expect(formatLetterBody(body)).toBe(text));

it('cuts what is long', () => expect(formatLetterBody(encode('x'.repeat(5000)))).toHaveLength(2001));
