import type { Random } from '@flotilla/contracts/testing';
import { loadPage, lookAround } from './pages.ts';
import { ask, type Ask, type Asker, type Session } from './session.ts';

/** What people look for, as browsers encode it: quotes, names with apostrophes, words of databases, of scripts, of shells. */
const SEARCHES = [
  'red shoes',
  "O'Brien",
  "rock 'n' roll",
  'select * from shoes',
  'union of select committees',
  '"exact phrase" -without',
  "women's boots size 7",
  'how to drop table legs',
  'C++ & C# <templates>',
  'a=b or c=d',
  '50% off; free delivery',
  "D'Artagnan and Porthos",
  'what is <script> for',
  'rm -rf explained',
  'cat food',
  'ids and passwords',
  '1=1 proof',
  'update firmware; restart router',
  'insert into english idioms',
  '$HOME sweet home',
  '{{ mustache }} wax',
  'smith; jones & sons',
  'naïve café',
  'order by phone',
] as const;

const POSTS = [
  '/2026/02/xss-explained',
  '/2026/01/sql-injection-for-beginners',
  '/tags/cross-site-scripting',
  '/2025/11/why-eval-is-evil',
  '/2026/03/alert-fatigue',
  '/2025/12/what-is-etc-passwd',
  '/2026/03/union-select-and-other-sins',
  '/2025/10/wp-login-hardening',
] as const;

const MISTYPED = [
  '/abuot',
  '/contcat',
  '/prodcuts',
  '/index.htm',
  '/home.aspx',
  '/shop/shoes)',
  '/%20',
  '/cart,',
] as const;

const pageOf: Readonly<Record<string, (random: Random) => string>> = {
  shop: (random) => `/products/${random.between(1, 900)}?ref=${random.pick('home', 'mail', 'list')}`,
  blog: (random) => random.pick('/', '/about', ...POSTS),
  forum: (random) => `/t/${random.between(1, 4000)}/${random.pick('select-vs-choose', 'drop-shipping', 'my-dog-id')}`,
  docs: (random) =>
    `/guide/${random.pick('install', 'etc', 'bin/sh', 'sql/select', 'env', 'admin')}/${random.between(1, 40)}`,
};

/** Reads some pages, looks for something, mistypes an address now and then. */
export const visitor: Session = (random, asker, at) => {
  const asks: Ask[] = lookAround(random, asker, at);
  const page = pageOf[asker.service] ?? (() => '/');
  let now = at;
  for (let left = random.between(1, 8); left > 0; left -= 1) {
    asks.push(...loadPage(random, asker, now, page(random)));
    if (random.next() < 0.25) asks.push(...loadPage(random, asker, now + 3, searchFor(random)));
    if (random.next() < 0.05) asks.push(ask(asker, now + 5, random.pick(...MISTYPED), { status: 404 }));
    now += random.between(4, 60);
  }
  return asks;
};

/** Encoded by a form, or by a program. */
function searchFor(random: Random): string {
  const words = random.pick(...SEARCHES);
  const encoded = encodeURIComponent(words);
  return `/search?q=${random.pick(encoded, encoded.replaceAll('%20', '+'))}&page=${random.between(1, 3)}`;
}

/** Mistypes the password up to three times, by a form that answers 200 or 401, then is in. */
export const member: Session = (random, asker, at) => {
  const failures = random.between(0, 3);
  const status = random.pick(200, 401);
  const tries = Array.from({ length: failures }, (_, index) =>
    ask(asker, at + 10 + index * random.between(5, 20), '/login', { method: 'POST', status }),
  );
  const entry = ask(asker, at + 80, '/login', { method: 'POST', status: 302 });
  return [...loadPage(random, asker, at, '/login'), ...tries, entry, ...loadPage(random, asker, at + 81, '/account')];
};

/** Writes in WordPress: its editor saves all the time, asks for previews, and the site calls its own timer. */
export const editor: Session = (random, asker, at) => {
  const login = [
    ask(asker, at, '/wp-login.php'),
    ask(asker, at + 8, '/wp-login.php', { method: 'POST', status: random.pick(302, 200) }),
    ask(asker, at + 20, '/wp-login.php', { method: 'POST', status: 302 }),
  ];
  const pages = ['/wp-admin/', '/wp-admin/edit.php', '/wp-admin/post.php?post=12&action=edit', '/wp-admin/upload.php'];
  const work = Array.from({ length: 40 }, (_, index) => {
    const now = at + 30 + index * 15;
    const beat = ask(asker, now, '/wp-admin/admin-ajax.php', { method: 'POST' });
    const save = ask(asker, now + 2, `/wp-json/wp/v2/posts/${random.between(1, 99)}/autosaves`, { method: 'POST' });
    const cron = ask(asker, now + 4, '/wp-cron.php?doing_wp_cron=1772442000.1', { method: 'POST' });
    return [beat, save, ...(index % 8 === 0 ? loadPage(random, asker, now, random.pick('/', ...pages)) : []), cron];
  });
  return [...login, ...work.flat()];
};

/** A page in a browser whose session has ended: it is refused all that it asks for, and comes back with a new token. */
export const application: Session = (random, asker, at) => {
  const parts = Array.from({ length: random.between(4, 14) }, (_, index) => `/v1/part-${index}?filter=name%20eq%20'x'`);
  const call = (from: number, status: number): Ask[] =>
    parts.map((uri, index) => ask(asker, from + index * 0.05, uri, { status }));
  const socket = ask(asker, at + 9, '/v1/live', { status: 101 });
  const token = ask(asker, at + 2, '/oauth/token', { method: 'POST' });
  return [...call(at, 401), token, ...call(at + 3, 200), socket];
};

/** Opens an album of many pictures, some gone. */
export const album: Session = (random, asker, at) => [
  ask(asker, at, '/gallery'),
  ...Array.from({ length: random.between(60, 150) }, (_, index) =>
    ask(asker, at + index * 0.04, `/gallery/${index}.jpg`, { status: random.next() < 0.08 ? 404 : 200 }),
  ),
];

/** Everybody of an office, or of a carrier's translation, comes from one address. */
export function crowd(
  random: Random,
  asker: Asker,
  people: number,
  { from, lastingS }: { from: number; lastingS: number },
): Ask[] {
  const services = ['shop', 'blog', 'forum', 'docs'] as const;
  return Array.from({ length: people }, () => {
    const one = { ...asker, service: random.pick(...services) };
    const at = from + random.between(0, lastingS);
    const isMember = random.next() < 0.4;
    return isMember ? member(random, { ...one, service: 'forum' }, at) : visitor(random, one, at);
  }).flat();
}
