import { expect, it } from 'vitest';
import { decideCertificateState } from './decide-certificate-state.ts';

const DAY_MS = 86_400_000;
const begin = Date.UTC(2026, 5, 1);

it.each([
  [90, 0, 'valid'],
  [90, 59.9, 'valid'],
  [90, 60, 'expiring'],
  [90, 89.9, 'expiring'],
  [90, 90, 'expired'],
  [6, 3.9, 'valid'],
  [6, 4.1, 'expiring'],
  [6, 7, 'expired'],
  [90, -1, 'valid'],
])('a certificate of %d days is, after %d, %s', (days, age, state) => {
  const life = { notBefore: new Date(begin), notAfter: new Date(begin + days * DAY_MS) };
  expect(decideCertificateState(life, new Date(begin + age * DAY_MS))).toBe(state);
});
