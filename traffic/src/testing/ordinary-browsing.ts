import { createRandom, type Random } from '@flotilla/contracts/testing';
import type { AccessRecord } from '../access-record.ts';
import { buildLine, SERVICE_ID } from './build-line.ts';
import { album, application, crowd, editor, member, visitor } from './browsing/people.ts';
import { apiClient, crawler, feedReader, monitor, oldPassword, validations, webhook } from './browsing/programs.ts';
import { ask, NODES, repeat, SPAN_S, type Ask, type Asker, type Session } from './browsing/session.ts';
import { escapeValue, formatCombined } from './format-record.ts';

const BEGIN_MS = Date.parse('2026-03-02T09:00:00Z');

const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Mobile Safari/537.36',
] as const;

const SERVICE_IDS: Readonly<Record<string, string>> = Object.fromEntries(
  ['shop', 'blog', 'forum', 'docs', 'api'].map((name, index) => [name, `0190a0b0-1111-7222-8333-44445555000${index}`]),
);

type Kind = readonly [
  count: number,
  services: readonly [string, ...string[]],
  userAgent: string | null,
  session: Session,
];

/** Null for any browser. */
const KINDS: readonly Kind[] = [
  [900, ['shop', 'blog', 'forum', 'docs'], null, visitor],
  [150, ['forum', 'shop'], null, member],
  [60, ['api'], null, application],
  [25, ['blog'], null, album],
  [6, ['blog'], null, editor],
  [40, ['blog'], 'Feedly/1.0 (+http://www.feedly.com/fetcher.html; 3 subscribers)', feedReader],
  [6, ['shop', 'forum'], 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', crawler],
  [3, ['shop'], 'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', crawler],
  [5, ['api'], 'python-requests/2.32.3', apiClient],
  [3, ['api'], 'Stripe/1.0 (+https://stripe.com/docs/webhooks)', webhook],
  [3, ['docs'], 'macOS/15.3 dataaccessd/1.0', oldPassword],
];

/** The log of a fleet on which nobody does any harm: three hours, three nodes, five services, by time. */
export function buildOrdinaryBrowsing(seed: number): Ask[] {
  const random = createRandom(seed);
  const asks = KINDS.flatMap(([count, services, userAgent, session], kind) =>
    repeat(count, (index) => {
      const asker = buildAsker(random, { kind, index, service: random.pick(...services), userAgent });
      return session(random, asker, random.between(0, SPAN_S - 900));
    }),
  );
  const [office, carrier, uptime] = ['203.0.113.10', '203.0.113.20', '203.0.113.30'].map((client, index) => ({
    client,
    node: NODES[index] ?? 'a',
    service: 'shop',
    userAgent: index === 2 ? 'Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)' : BROWSERS[index],
  })) as [Asker, Asker, Asker];
  return [
    ...asks,
    // Forty come at nine; two hundred phones are behind one address all morning.
    ...crowd(random, office, 40, { from: 60, lastingS: 1800 }),
    ...crowd(random, carrier, 200, { from: 0, lastingS: SPAN_S - 900 }),
    ...monitor(uptime),
    ...validations(random, 1200),
  ].toSorted((one, other) => one.at - other.at);
}

function buildAsker(
  random: Random,
  { kind, index, service, userAgent }: { kind: number; index: number; service: string; userAgent: string | null },
): Asker {
  const isIpv6 = index % 4 === 3;
  const client = isIpv6
    ? `2001:db8:${(kind + 1).toString(16)}:${index.toString(16)}::${random.between(1, 99)}`
    : `198.18.${kind * 8 + (index >> 8)}.${index & 255}`;
  return { client, node: random.pick(...NODES), service, userAgent: userAgent ?? random.pick(...BROWSERS) };
}

/** Somebody who looks for secrets, then tries to inject. */
export function buildAttack(client: string): Ask[] {
  const asker = { client, node: 'b' as const, service: 'shop', userAgent: BROWSERS[2] };
  const paths = ['/.env', '/.git/config', '/wp-config.php.bak', '/backup.sql', "/products?id=1'%20or%20'1'='1"];
  return paths.map((uri, index) => ask(asker, 4000 + index * 2, uri, { status: index === 4 ? 200 : 404 }));
}

/** As nginx writes it, by the agent's own format. */
export function formatFlotilla(one: Ask): string {
  const { bytes, requestMs } = sizesOf(one);
  const seconds = (requestMs / 1000).toFixed(3);
  return buildLine({
    time: ((BEGIN_MS + one.at * 1000) / 1000).toFixed(3),
    service: SERVICE_IDS[one.service] ?? SERVICE_ID,
    status: String(one.status),
    requestSeconds: seconds,
    upstreamSeconds: seconds,
    bytes: String(bytes),
    client: one.client,
    method: one.method,
    requested: escapeValue(one.uri),
    referrer: escapeValue(one.referrer),
    userAgent: escapeValue(one.userAgent),
  });
}

/** As nginx writes it into `combined`: without the service, and seconds without their parts. */
export function formatAsCombined(one: Ask): string {
  const { bytes, requestMs } = sizesOf(one);
  const record: AccessRecord = {
    timeMs: BEGIN_MS + one.at * 1000,
    remoteAddress: one.client,
    remoteUser: one.user,
    serviceId: null,
    method: one.method,
    uri: one.uri,
    protocol: 'HTTP/1.1',
    status: one.status,
    bytes,
    requestMs,
    upstreamMs: requestMs,
    upstream: null,
    referrer: one.referrer,
    userAgent: one.userAgent,
    requestId: null,
    isWellFormed: true,
  };
  return formatCombined(record);
}

function sizesOf({ uri, status }: Ask): { bytes: number; requestMs: number } {
  return { bytes: status === 304 ? 0 : 500 + uri.length * 37, requestMs: 3 + (uri.length % 40) };
}
