import { describe, expect, it } from 'vitest';
import { formatCell, parseNetworkCsv } from './parse-network-csv.ts';

const NOW = new Date('2026-03-02T09:00:00Z');
const read = (csv: string) => parseNetworkCsv(csv, NOW);

describe('a list of networks', () => {
  it('is read with a header or without, with quotes, blanks and any line ends', () => {
    const lines = ['203.0.113.7,,office', '2001:db8::/48,2026-12-31T00:00:00Z,"one, ""two"""', '', '198.51.100.0/24'];
    const networks = [
      { network: '203.0.113.7/32', expiresAt: null, comment: 'office' },
      { network: '2001:db8::/48', expiresAt: new Date('2026-12-31'), comment: 'one, "two"' },
      { network: '198.51.100.0/24', expiresAt: null, comment: '' },
    ];
    for (const end of ['\n', '\r\n', '\r']) expect(read(lines.join(end))).toMatchObject({ networks, problems: [] });
    expect(read(`\uFEFFnetwork,expires,comment\n${lines.join('\n')}`)).toMatchObject({ networks, problems: [] });
    expect(read(lines.join('\n')).networks.map(({ line }) => line)).toEqual([1, 2, 4]);
  });

  it.each([
    ['203.0.113.7\nno network,,x', 2, 'network'],
    ['203.0.113.7,yesterday', 1, 'expires'],
    ['203.0.113.7,2026-03-01T00:00:00Z', 1, 'expires'],
    ['203.0.113.7,2028-03-01T00:00:00Z', 1, 'expires'],
    [`203.0.113.7,,${'x'.repeat(501)}`, 1, 'comment'],
    ['203.0.113.7,,"two\nlines"', 1, 'comment'],
    ['203.0.113.7,,one,two', 1, 'comment'],
    ['203.0.113.7,,"two\nlines"\nx', 3, 'network'],
  ])('%j is wrong on line %d, in its %s', (csv, line, field) => {
    expect(read(csv).problems.at(-1)).toMatchObject({ line, field });
  });

  it('has an end', () => {
    const csv = Array.from({ length: 1001 }, (_, index) => `198.18.${index >> 8}.${index & 255}`).join('\n');
    expect(read(csv).problems).toMatchObject([{ line: 1001, field: 'network' }]);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', "it's", 'a,b', 'say "x"', "'quoted'"])(
    'gives %j back, as no formula',
    (text) => {
      const cell = formatCell(text);
      expect(cell).not.toMatch(/^"?[=+\-@\t\r]/);
      expect(read(`203.0.113.7,,${cell}`).networks[0]?.comment).toBe(text);
    },
  );
});
