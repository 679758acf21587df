import { expect, it } from 'vitest';
import { decideRangeInput } from './decide-range-input.ts';
import { formatRangeInput } from './format-range-input.ts';

const now = Date.parse('2026-03-29T12:00:00');

it.each([
  ['', '2026-03-29T11:00', { field: 'from', text: 'missing' }],
  ['2026-03-29T10:00', '', { field: 'to', text: 'missing' }],
  ['2026-03-29T12:00', '2026-03-29T13:00', { field: 'from', text: 'inFuture' }],
  ['2026-03-29T11:00', '2026-03-29T11:00', { field: 'to', text: 'notAfter' }],
  ['2026-03-29T11:00', '2026-03-29T10:00', { field: 'to', text: 'notAfter' }],
  ['2024-03-01T00:00', '2026-03-29T11:00', { field: 'from', text: 'tooLong' }],
])('refuses %j to %j', (from, to, problem) => {
  expect(decideRangeInput(from, to, now)).toEqual({ ok: false, problem });
});

it('takes an end in the future, as a chart may have one', () => {
  expect(decideRangeInput('2026-03-29T11:59', '2026-03-29T13:00', now)).toMatchObject({ ok: true });
});

it('reads in the reader’s zone what it has written', () => {
  const [from, to] = [now - 3_600_000, now - 1000];
  expect(decideRangeInput(formatRangeInput(from), formatRangeInput(to), now)).toEqual({ ok: true, from, to });
});
