import { describe, expect, it } from 'vitest';
import { formatDer, formatObjectIdentifier, formatTime, TAG } from './format-der.ts';

const hex = (bytes: Buffer): string => bytes.toString('hex');

describe('formatDer', () => {
  it.each([
    [0, '0400'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [70_000, '0483011170'],
  ])('says a length of %i', (length, start) => {
    const element = formatDer(TAG.octetString, Buffer.alloc(length));
    expect(hex(element.subarray(0, element.length - length))).toBe(start);
  });

  it('puts elements into one another', () => {
    expect(hex(formatDer(TAG.sequence, formatDer(TAG.integer, Buffer.from([1])), formatDer(TAG.set)))).toBe(
      '30050201013100',
    );
  });
});

it.each([
  ['2.5.29.17', '0603551d11'],
  ['1.2.840.10045.4.3.2', '06082a8648ce3d040302'],
  ['1.3.6.1.5.5.7.3.1', '06082b06010505070301'],
])('formatObjectIdentifier of %s', (dotted, expected) => {
  expect(hex(formatObjectIdentifier(dotted))).toBe(expected);
});

it.each([
  ['2026-06-15T12:00:00.999Z', '\u0017\r260615120000Z'],
  ['2049-12-31T23:59:59.000Z', '\u0017\r491231235959Z'],
  ['2050-01-01T00:00:00.000Z', '\u0018\u000f20500101000000Z'],
])('formatTime of %s', (time, expected) => {
  expect(formatTime(new Date(time)).toString('latin1')).toBe(expected);
});
