import { readFile } from 'node:fs/promises';
import { formatAddress, wordsOfClient } from '@flotilla/traffic';
import { Reader } from 'maxmind';
import { z } from 'zod';

const COUNTRY = /^[A-Z]{2}$/;
/** Clients whose country is remembered; when there are more, all are looked up anew. */
const MAX_REMEMBERED = 8192;

/** As MaxMind's databases have it, and those of ip-location-db. */
const answer = z.object({
  country: z.object({ iso_code: z.string() }).optional(),
  country_code: z.string().optional(),
});

/** Two letters (ISO 3166); null when it is not known. @param high,low a client in two words */
export type FindCountry = (high: number, low: number) => string | null;

/**
 * Reads a GeoIP database in MaxMind's format, wholly into memory.
 * @throws when there is none in the file
 */
export async function openCountryFinder(file: string): Promise<FindCountry> {
  const reader = new Reader(await readFile(file));
  const remembered = new Map<number, Map<number, string | null>>();
  let size = 0;

  const lookUp = (high: number, low: number): string | null => {
    const parsed = answer.safeParse(reader.get(formatAddress(wordsOfClient(high, low))));
    const code = parsed.data?.country?.iso_code ?? parsed.data?.country_code ?? '';
    return COUNTRY.test(code) ? code : null;
  };

  return (high, low) => {
    let ofHigh = remembered.get(high);
    const known = ofHigh?.get(low);
    if (known !== undefined) return known;
    if (size >= MAX_REMEMBERED) {
      remembered.clear();
      ofHigh = undefined;
      size = 0;
    }
    if (ofHigh === undefined) {
      ofHigh = new Map();
      remembered.set(high, ofHigh);
    }
    const country = lookUp(high, low);
    ofHigh.set(low, country);
    size += 1;
    return country;
  };
}
