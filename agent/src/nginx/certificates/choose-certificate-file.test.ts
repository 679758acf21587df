import { describe, expect, it } from 'vitest';
import { chooseCertificateFile, formatCertificateFile } from './choose-certificate-file.ts';

const now = new Date('2026-06-15T12:00:00Z');

describe('chooseCertificateFile', () => {
  it.each([
    { files: [], expected: null },
    { files: ['a-20270601.pem'], expected: 'a-20270601.pem' },
    { files: ['a-20270601.pem', 'a-20270701.pem'], expected: 'a-20270701.pem' },
    { files: ['a-20260714.pem'], expected: null },
    { files: ['a-20260717.pem'], expected: 'a-20260717.pem' },
    { files: ['b-20270601.pem', '.tmp-a-20270601.pem', 'a-notes.pem'], expected: null },
  ])('$files → $expected', ({ files, expected }) => {
    expect(chooseCertificateFile(files, 'a', now)).toBe(expected);
  });

  it('finds what formatCertificateFile names', () => {
    const file = formatCertificateFile('a', new Date('2027-07-17T12:00:00Z'));
    expect(chooseCertificateFile([file], 'a', now)).toBe(file);
  });
});
