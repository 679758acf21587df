import { describe, expect, it } from 'vitest';
import { parseNetworks } from './parse-networks.ts';

describe('parseNetworks', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['203.0.113.7', ['203.0.113.7']],
    [
      '203.0.113.7, 198.51.100.0/24;2001:db8::/64\n\n 192.0.2.1\t',
      ['203.0.113.7', '198.51.100.0/24', '2001:db8::/64', '192.0.2.1'],
    ],
    ['# our list, of May\n203.0.113.7 # the scraper, again\n', ['203.0.113.7']],
    ['nonsense', ['nonsense']],
  ])('%j', (text, networks) => expect(parseNetworks(text)).toEqual(networks));
});
