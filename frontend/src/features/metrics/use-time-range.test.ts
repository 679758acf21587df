import { describe, expect, it } from 'vitest';
import { chooseRefreshMs, readSelection } from './use-time-range.ts';

const from = '2026-01-01T10:00:00.000Z';
const to = '2026-01-01T11:00:00.000Z';

describe('readSelection', () => {
  it.each([
    [{}, { kind: 'live', range: '1h' }],
    [{ range: '7d' }, { kind: 'live', range: '7d' }],
    [{ range: 'a year' }, { kind: 'live', range: '1h' }],
    [
      { from, to },
      { kind: 'fixed', from, to },
    ],
    [
      { from: to, to: from, range: '6h' },
      { kind: 'live', range: '6h' },
    ],
    [
      { from: 'yesterday', to },
      { kind: 'live', range: '1h' },
    ],
    [
      { from: [from], to },
      { kind: 'live', range: '1h' },
    ],
  ])('of %j', (query, selection) => expect(readSelection(query)).toEqual(selection));
});

it('looks often where the last seconds can be seen', () => {
  const waits = [readSelection({ range: '5m' }), readSelection({ range: '30d' }), readSelection({ from, to })];
  expect(waits.map(chooseRefreshMs)).toEqual([5000, 30_000, 60_000]);
});
