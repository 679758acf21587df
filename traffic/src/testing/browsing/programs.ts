import type { Random } from '@flotilla/contracts/testing';
import { ask, NODES, SPAN_S, type Ask, type Asker, type Session } from './session.ts';

/** From `from` to the end of the log, every so many seconds. */
function every(seconds: number, from: number, build: (at: number, index: number) => Ask[]): Ask[] {
  const count = Math.floor((SPAN_S - from) / seconds);
  return Array.from({ length: Math.max(0, count) }, (_, index) => build(from + index * seconds, index)).flat();
}

/** Asks whether the feed has changed, for years also where there is none any more. */
export const feedReader: Session = (random, asker, at) => {
  const [uri, status] = random.pick(['/feed.xml', 304], ['/rss', 200], ['/old/atom.xml', 404]) as [string, number];
  return every(600, at % 600, (now) => [ask(asker, now, uri, { status })]);
};

/** Asks for robots.txt, then one page after the other at a pace of its own; finds some of them gone. */
export const crawler: Session = (random, asker, at) => [
  ask(asker, at, '/robots.txt', { status: random.pick(200, 404) }),
  ask(asker, at + 1, '/sitemap.xml', { status: random.pick(200, 404) }),
  ...every(8, at + 2, (now) => {
    const isGone = random.next() < 0.15;
    const uri = `${isGone ? '/old' : ''}/products/${random.between(1, 3000)}?sort=price&filter%5Bcolor%5D=red`;
    return [ask(asker, now, uri, { status: isGone ? random.pick(404, 410) : 200 })];
  }),
];

/** All services on all nodes, each minute. */
export function monitor(asker: Asker): Ask[] {
  const services = ['shop', 'blog', 'forum', 'docs', 'api'];
  return services.flatMap((service, index) =>
    NODES.flatMap((node) =>
      every(60, index, (now) => [ask({ ...asker, service, node }, now, '/', { method: 'HEAD' })]),
    ),
  );
}

/** Bursts of calls; its token ends each half hour, and it fetches another. */
export const apiClient: Session = (random, asker, at) =>
  every(1800, at % 1800, (now) => {
    const refused = [0, 1, 2].map((index) => ask(asker, now + index * 0.1, `/v1/items/${index}`, { status: 401 }));
    const token = ask(asker, now + 1, '/oauth/token', { method: 'POST' });
    const calls = Array.from({ length: 150 }, (_, index) => {
      const method = random.pick('GET', 'GET', 'POST', 'PATCH');
      const status = method === 'GET' ? random.pick(200, 200, 200, 404) : random.pick(201, 204, 409, 422);
      return ask(asker, now + 2 + index * 0.2, `/v1/items/${random.between(1, 99)}`, { method, status });
    });
    return [...refused, token, ...calls];
  });

/** A shop's payments and a forge's pushes; the receiver is down for a minute, and it comes again. */
export const webhook: Session = (random, asker, at) =>
  every(45, at % 45, (now, index) => {
    const status = index % 40 < 2 ? 502 : 200;
    const again = status === 200 ? [] : [ask(asker, now + 20, '/hooks/payments', { method: 'POST' })];
    return [ask(asker, now, random.pick('/hooks/payments', '/hooks/git'), { method: 'POST', status }), ...again];
  });

/** A mail program with an old password, every five minutes. */
export const oldPassword: Session = (_, asker, at) =>
  every(300, at % 300, (now) => [
    ask(asker, now, '/dav/calendars/ann/', { method: 'PROPFIND', status: 401, user: 'ann' }),
  ]);

/** The authority fetches a challenge from several places. */
export function validations(random: Random, at: number): Ask[] {
  const token = `/.well-known/acme-challenge/${'x'.repeat(random.between(40, 43))}`;
  return ['198.51.100.201', '198.51.100.202', '203.0.113.201', '2001:db8:ff::201'].map((client, index) =>
    ask({ client, node: NODES[index % NODES.length] ?? 'a', service: 'shop', userAgent: AUTHORITY }, at + index, token),
  );
}
const AUTHORITY = "Mozilla/5.0 (compatible; Let's Encrypt validation server; +https://www.letsencrypt.org)";
