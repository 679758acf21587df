import { createRandom, type Random } from '@flotilla/contracts/testing';
import type { LoggedRequest } from '../logged-request.ts';
import { buildLogged, type Ask } from './build-requests.ts';

const SPAN_S = 1800;
const NODES = ['a', 'b', 'c'];
const SERVICES = ['shop', 'blog', 'docs', 'api', 'forum', 'intranet'];

/** One who asks: everything that is the same for all requests of a session. */
type Asker = Pick<Ask, 'address' | 'agent'>;
type Session = (random: Random, asker: Asker) => Ask[];

/** A page with its parts, some of them missing, by a browser that has some of them already. */
function loadPage(random: Random, asker: Asker, at: number, path: string, service: string): Ask[] {
  const node = random.pick('a', 'b', 'c');
  const asset = (name: string, status: number, delay: number): Ask => ({
    ...asker,
    at: at + delay,
    path: name,
    service,
    node,
    status,
  });
  const parts = Array.from({ length: random.between(4, 25) }, (_, index) => {
    const extension = random.pick('js', 'css', 'webp', 'png', 'woff2', 'svg');
    return asset(`/assets/${index}.${extension}`, random.next() < 0.02 ? 404 : 200, 0.1 + index * 0.02);
  });
  const unasked =
    random.next() < 0.1 ? [asset('/favicon.ico', 404, 0.3), asset('/apple-touch-icon.png', 404, 0.3)] : [];
  return [{ ...asker, at, path, service, node }, ...parts, ...unasked];
}

const visitor: Session = (random, asker) => {
  const service = random.pick('shop', 'blog', 'docs', 'forum');
  const asks: Ask[] = [];
  let at = random.between(0, SPAN_S - 400);
  for (let page = random.between(1, 9); page > 0; page -= 1) {
    asks.push(...loadPage(random, asker, at, `/${service}/page-${random.between(1, 300)}`, service));
    if (random.next() < 0.03)
      asks.push({ ...asker, at: at + 2, path: `/mistyped-${random.between(1, 99)}`, service, status: 404 });
    at += random.between(2, 40);
  }
  return asks;
};

/** Mistypes the password now and then. */
const member: Session = (random, asker) => {
  const service = random.pick('forum', 'shop', 'intranet');
  const at = random.between(0, SPAN_S - 400);
  const failures = random.between(0, 3);
  const logins = Array.from({ length: failures + 1 }, (_, index): Ask => {
    const status = index < failures ? random.pick(401, 200) : 302;
    return { ...asker, at: at + index * 7, path: '/login', method: 'POST', service, status };
  });
  return [...logins, ...loadPage(random, asker, at + 30, '/account', service)];
};

/** An application in a browser whose session has ended: it is refused all that its page asks for, and logs in again. */
const application: Session = (random, asker) => {
  const at = random.between(0, SPAN_S - 300);
  const call = (index: number, offset: number, status: number): Ask => ({
    ...asker,
    at: at + offset,
    path: `/v1/part-${index}`,
    service: 'api',
    status,
  });
  const parts = Array.from({ length: 12 }, (_, index) => index);
  return [
    ...parts.map((index) => call(index, index * 0.05, 401)),
    { ...asker, at: at + 5, path: '/v1/session', method: 'POST', service: 'api' },
    ...parts.map((index) => call(index, 6 + index * 0.05, 200)),
    ...Array.from({ length: 40 }, (_, index) => call(99, 10 + index * 5, 200)),
  ];
};

/** @param everyS between two requests @param path of the n-th */
function poller(everyS: number, path: (index: number) => string, change: Partial<Ask> = {}): Session {
  return (random, asker) => {
    const node = random.pick('a', 'b', 'c');
    return Array.from({ length: Math.floor(SPAN_S / everyS) }, (_, index) => ({
      ...asker,
      at: index * everyS,
      path: path(index),
      node,
      ...change,
    }));
  };
}

/** Finds some pages gone, as those do that were there before. */
const crawler: Session = (random, asker) => {
  const service = random.pick('shop', 'docs', 'forum');
  const asks = poller(0.5, (index) => `/${service}/item-${index}`, { service })(random, asker);
  const old = poller(2.5, (index) => `/${service}/old-${index}`, { service, status: 404 })(random, asker);
  return [{ ...asker, at: 0, path: '/robots.txt', service, status: 404 }, ...asks, ...old];
};

const gallery: Session = (random, asker) => {
  const at = random.between(0, SPAN_S - 60);
  const pictures = (from: number, count: number, status: number): Ask[] =>
    Array.from({ length: count }, (_, index) => ({
      ...asker,
      at: at + index * 0.01,
      path: `/gallery/${from + index}.jpg`,
      service: 'blog',
      status,
    }));
  return [{ ...asker, at, path: '/gallery', service: 'blog' }, ...pictures(0, 150, 200), ...pictures(500, 15, 404)];
};

const monitor: Session = (random, asker) =>
  SERVICES.flatMap((service) =>
    NODES.flatMap((node) => poller(60, () => '/', { service, node, method: 'HEAD' })(random, asker)),
  );

/** An agency’s people, who work in the administration of several sites. */
const administrator: Session = (random, asker) =>
  ['blog', 'docs', 'shop'].flatMap((service, index) => {
    const at = index * 500 + random.between(0, 60);
    const pages = Array.from({ length: 60 }, (_, page): Ask => ({
      ...asker,
      at: at + 10 + page * 5,
      path: `/wp-admin/page-${page}.php`,
      service,
    }));
    return [{ ...asker, at, path: '/wp-login.php', method: 'POST', service, status: 302 }, ...pages];
  });

const KINDS: readonly (readonly [count: number, agent: string, session: Session])[] = [
  [800, 'Mozilla/5.0 (X11; Linux x86_64)', visitor],
  [120, 'Mozilla/5.0 (iPhone)', member],
  [40, 'Mozilla/5.0 (Windows NT 10.0)', application],
  [20, 'FeedFetcher/1.0', poller(300, () => '/feed.xml', { service: 'blog' })],
  [10, 'FeedFetcher/1.0', poller(60, () => '/old-feed.xml', { service: 'blog', status: 404 })],
  [4, 'ExampleBot/2.1', crawler],
  [4, 'python-requests/2.32', poller(0.2, (index) => `/v1/items/${index}`, { service: 'api' })],
  [2, 'curl/8.5', poller(1, () => '/v1/jobs', { service: 'api', status: 401 })],
  [2, 'MailApp/3', poller(15, () => '/login', { service: 'intranet', status: 401, method: 'POST' })],
  [10, 'Mozilla/5.0 (Macintosh)', gallery],
  [2, 'UptimeRobot/2.0', monitor],
  [3, 'Mozilla/5.0 (X11; Linux x86_64)', administrator],
];

/** Half an hour of a fleet’s ordinary traffic, by time. */
export function buildSessions(seed: number): LoggedRequest[] {
  const random = createRandom(seed);
  const asks = KINDS.flatMap(([count, agent, session], kind) =>
    Array.from({ length: count }, (_, index) => {
      const isIpv6 = index % 5 === 4;
      const address = isIpv6 ? `2001:db8:${kind}:${index}::${random.between(1, 9)}` : `198.51.${kind}.${index % 250}`;
      return session(random, { address, agent });
    }).flat(),
  );
  // An office: sixty people behind one address, who log in when they come.
  const office: Asker = { address: '192.0.2.1', agent: 'Mozilla/5.0 (Windows NT 10.0)' };
  const colleagues = Array.from({ length: 60 }, () => [...visitor(random, office), ...member(random, office)]).flat();
  return [...asks, ...colleagues].map((ask) => buildLogged(ask)).toSorted((one, other) => one.timeMs - other.timeMs);
}
