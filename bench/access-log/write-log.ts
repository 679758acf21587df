import { createRandom } from '@flotilla/contracts/testing';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

const CHUNK_LINES = 5000;
const CLIENTS = 20_000;
const REQUESTS_PER_SECOND = 5000;
const USER_AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
];

/**
 * Writes a log as the agent's nginx does, of a site's ordinary traffic that ends now: a few paths that all ask for and many that few
 * do, one answer in twenty not 200, twenty thousand clients.
 */
export async function writeLog(file: string, lines: number, serviceIds: readonly string[]): Promise<void> {
  const random = createRandom(7).next;
  const draw = (below: number): number => Math.floor(random() * below);
  const endsAtMs = Date.now();
  const log = createWriteStream(file);
  for (let first = 0; first < lines; first += CHUNK_LINES) {
    const count = Math.min(CHUNK_LINES, lines - first);
    const chunk = Array.from({ length: count }, (_, index) => {
      const atMs = endsAtMs - ((lines - first - index) * 1000) / REQUESTS_PER_SECOND;
      return `${formatLine(atMs, serviceIds[draw(serviceIds.length)] ?? '-', draw, random)}\n`;
    });
    if (!log.write(chunk.join(''))) await once(log, 'drain');
  }
  log.end();
  await once(log, 'finish');
}

function formatLine(atMs: number, serviceId: string, draw: (below: number) => number, random: () => number): string {
  const seconds = (0.001 + random() * random() * 0.4).toFixed(3);
  const client = draw(CLIENTS);
  return [
    (atMs / 1000).toFixed(3),
    serviceId,
    random() < 0.95 ? '200' : ['304', '302', '404'][draw(3)],
    seconds,
    seconds,
    '172.17.0.2:8080',
    draw(20_000),
    `198.18.${client >> 8}.${client & 255}`,
    draw(2 ** 30)
      .toString(16)
      .padStart(32, '0'),
    'GET',
    'HTTP/1.1',
    formatPath(Math.floor(1 / (random() + 0.0003)), draw),
    `https://shop.example.com/${draw(3) === 0 ? '' : `category/${draw(30)}`}`,
    USER_AGENTS[draw(USER_AGENTS.length)],
  ].join('"');
}

/** @param page the first ones are asked for most */
function formatPath(page: number, draw: (below: number) => number): string {
  const paths = [`/assets/app-${page % 50}.js`, `/products/${page}?ref=mail&page=${draw(9)}`, `/category/item-${page}`];
  return paths[draw(paths.length)] ?? '/';
}
