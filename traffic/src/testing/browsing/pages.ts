import type { Random } from '@flotilla/contracts/testing';
import { ask, type Ask, type Asker } from './session.ts';

/** Nobody has made these for every site, and browsers ask for them all the same. */
const UNASKED = [
  '/favicon.ico',
  '/apple-touch-icon.png',
  '/apple-touch-icon-precomposed.png',
  '/apple-touch-icon-120x120.png',
  '/apple-touch-icon-120x120-precomposed.png',
  '/browserconfig.xml',
  '/site.webmanifest',
] as const;
/** What phones and password managers look for (RFC 8615). */
const WELL_KNOWN = [
  '/.well-known/assetlinks.json',
  '/.well-known/apple-app-site-association',
  '/.well-known/change-password',
  '/.well-known/security.txt',
  '/.well-known/traffic-advice',
  '/.well-known/dnt-policy.txt',
  '/.well-known/passkey-endpoints',
] as const;
const EXTENSIONS = ['js', 'css', 'webp', 'png', 'svg', 'woff2', 'jpg'] as const;

/** A page with its parts, as a browser loads it that has some of them already; some are missing. */
export function loadPage(random: Random, asker: Asker, at: number, uri: string): Ask[] {
  const referrer = `https://${asker.service}.example.com${uri}`;
  const parts = Array.from({ length: random.between(2, 14) }, (_, index) => {
    const name = `/assets/${random.between(1, 60)}-${index}.${random.pick(...EXTENSIONS)}?v=3`;
    const status = random.next() < 0.02 ? 404 : random.pick(200, 200, 304);
    return ask(asker, at + 0.1 + index * 0.03, name, { status, referrer });
  });
  return [ask(asker, at, uri), ...parts];
}

/** At the first visit. */
export function lookAround(random: Random, asker: Asker, at: number): Ask[] {
  const missing = [...UNASKED, ...WELL_KNOWN].filter(() => random.next() < 0.3);
  return missing.map((uri, index) => ask(asker, at + 0.5 + index * 0.1, uri, { status: 404 }));
}
