import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientHigh, clientLow, parseAddress } from '@flotilla/traffic';
import { expect, it } from 'vitest';
import { openCountryFinder } from './country-finder.ts';

const DATABASE = createRequire(import.meta.url).resolve(
  '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb',
);

it('finds countries in a database of MaxMind’s format, as often as it is asked', async () => {
  const findCountry = await openCountryFinder(DATABASE);
  const find = (address: string): string | null => {
    const words = parseAddress(address) ?? new Uint32Array(4);
    return findCountry(clientHigh(words), clientLow(words));
  };
  for (let round = 0; round < 2; round += 1) {
    expect(['8.8.8.8', '2a01:4f8::1', '127.0.0.1'].map(find)).toEqual(['US', 'DE', null]);
  }
  // More than are remembered.
  for (let low = 0; low < 20_000; low += 1) findCountry(0xffff, low);
  expect(find('8.8.8.8')).toBe('US');
});

it('says of another file that it is none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'flotilla-geoip-'));
  const file = join(directory, 'none.mmdb');
  await writeFile(file, 'something else');
  await expect(openCountryFinder(file)).rejects.toThrow('Unknown type');
  await expect(openCountryFinder(join(directory, 'missing'))).rejects.toThrow('ENOENT');
  await rm(directory, { recursive: true });
});
