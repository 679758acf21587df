import { describe, expect, it } from 'vitest';
import { chooseCertificate, listUncovered } from './choose-certificate.ts';

const DAY_MS = 86_400_000;
const build = (id: string, names: readonly string[], days = 30, isSelfSigned = false) => ({
  id,
  names,
  isSelfSigned,
  notAfter: new Date(1_800_000_000_000 + days * DAY_MS),
});
const choose = (domains: readonly string[], certificates: readonly ReturnType<typeof build>[]) =>
  chooseCertificate({ domains, certificateId: null }, certificates)?.id ?? null;

describe('chooseCertificate', () => {
  it.each<[string, readonly string[], readonly ReturnType<typeof build>[], string | null]>([
    ['none there', ['a.example.com'], [], null],
    ['another name', ['a.example.com'], [build('x', ['b.example.com'])], null],
    ['one of two names', ['a.example.com', 'b.example.com'], [build('x', ['b.example.com'])], null],
    ['both names', ['a.example.com', 'b.example.com'], [build('x', ['b.example.com', 'a.example.com', 'c.org'])], 'x'],
    ['a wildcard', ['a.example.com', 'b.example.com'], [build('x', ['*.example.com'])], 'x'],
    ['a wildcard, not for what is above', ['example.com'], [build('x', ['*.example.com'])], null],
    ['a wildcard, not for what is below', ['a.b.example.com'], [build('x', ['*.example.com'])], null],
    ['a service of a wildcard', ['*.example.com'], [build('x', ['*.example.com'])], 'x'],
    ['a service of a wildcard, by one name', ['*.example.com'], [build('x', ['a.example.com'])], null],
    ['two that cover', ['a.org'], [build('x', ['a.org'], 30), build('y', ['a.org'], 60)], 'y'],
    ['a self-signed one', ['a.org'], [build('x', ['a.org'], 30), build('y', ['a.org'], 60, true)], 'x'],
    ['only a self-signed one', ['a.org'], [build('y', ['a.org'], 60, true)], 'y'],
  ])('with %s', (_, domains, certificates, expected) => {
    expect(choose(domains, certificates)).toBe(expected);
    expect(choose(domains, certificates.toReversed())).toBe(expected);
  });

  it('takes the one that is named, whatever it covers', () => {
    const certificates = [build('x', ['a.org']), build('y', ['b.org'])];
    const named = (certificateId: string) => chooseCertificate({ domains: ['a.org'], certificateId }, certificates);
    expect(named('y')?.id).toBe('y');
    expect(named('z')).toBeNull();
  });
});

it('listUncovered names what is missing', () => {
  expect(listUncovered(['a.example.com', 'example.com', 'b.org'], ['*.example.com'])).toEqual(['example.com', 'b.org']);
});
