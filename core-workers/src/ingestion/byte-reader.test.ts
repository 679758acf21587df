import { describe, expect, it } from 'vitest';
import { ByteReader, expectedText, UnexpectedText } from './byte-reader.ts';

const read = (text: string): ByteReader => new ByteReader(Buffer.from(text));

describe('ByteReader', () => {
  it.each([
    '0',
    '-0',
    '7',
    '-12.5',
    '0.1',
    '123456789.012345',
    '99999999999999.9',
    '9007199254740993',
    '0.30000000000000004',
    '1e3',
    '1E-7',
    '-2.5e+10',
    '1e999',
    '1.7976931348623157e308',
    '5e-324',
  ])('reads the number %s as JSON.parse does', (text) => {
    const reader = read(`${text},`);
    expect(reader.number()).toBe(JSON.parse(text));
    expect(reader.skipByte(0x2c)).toBe(true);
  });

  it('reads any number that JSON.stringify writes to the very same one', () => {
    const values = new Float64Array(20_000);
    const words = new Uint32Array(values.buffer);
    crypto.getRandomValues(words.subarray(0, 10_000));
    crypto.getRandomValues(words.subarray(10_000, 20_000));
    for (let index = 10_000; index < values.length; index += 1) values[index] = Math.round(Math.random() * 1e9) / 100;
    const finite = [...values].filter(Number.isFinite);
    expect(finite.map((value) => read(JSON.stringify(value)).number())).toEqual(finite);
  });

  it('reads null as not known', () => {
    expect(read('null').number()).toBeNaN();
  });

  it.each(['', '-', '01', '-01', '1.', '.5', '+1', '1.e3', '1e', '1e+', 'nul', 'true', '"1"', ' 1', 'NaN', 'Infinity'])(
    'takes %j for no number',
    (text) => {
      const readAll = (): void => {
        const reader = read(text);
        reader.number();
        reader.expectEnd();
      };
      expect(readAll).toThrow(UnexpectedText);
    },
  );

  it('reads plain strings, and leaves escapes, control characters and what is not ASCII to JSON.parse', () => {
    expect(read('"web-1"').string()).toBe('web-1');
    expect(read('""').string()).toBe('');
    for (const text of ['"a\\nb"', '"a\nb"', '"zażółć"', '"open', 'web', '"a\u007f"']) {
      expect(() => read(text).string()).toThrow(UnexpectedText);
    }
  });

  it('compares with texts of every length, also at the end of its bytes', () => {
    for (let length = 0; length < 20; length += 1) {
      const text = 'abcdefghijklmnopqrst'.slice(0, length);
      expect(read(text).skip(expectedText(text))).toBe(true);
      expect(read(text).skip(expectedText(`${text}x`))).toBe(false);
      expect(read(`${text}!`).skip(expectedText(`${text}?`))).toBe(false);
    }
  });

  it('reads bytes that are part of a larger piece of memory', () => {
    const reader = new ByteReader(Buffer.from('xx[1,2]yy').subarray(2, 7));
    expect(reader.skip(expectedText('[1'))).toBe(true);
    expect(() => reader.expectEnd()).toThrow(UnexpectedText);
    expect(reader.skip(expectedText(',2]'))).toBe(true);
    expect(reader.skipByte('y'.charCodeAt(0))).toBe(false);
    expect(() => reader.expectEnd()).not.toThrow();
  });
});
