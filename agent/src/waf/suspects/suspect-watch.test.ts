import { suspectsMessage } from '@flotilla/contracts';
import { createRandom } from '@flotilla/contracts/testing';
import { decideClasses, parseFlotillaLine } from '@flotilla/traffic';
import { buildLine, SERVICE_ID, type LineDraft } from '@flotilla/traffic/testing';
import { describe, expect, it } from 'vitest';
import { LogFeed } from '../../shared/log-feed.ts';
import { planSuspectsMessages } from './plan-suspects-messages.ts';
import { SuspectWatch } from './suspect-watch.ts';

const BEGIN_MS = 1_780_000_000_000;
const NODE = '0190a0b0-1111-7222-8333-777788889999';
const CLIENT = '203.0.113.7';

function start() {
  const watch = new SuspectWatch(4711, () => 'NL');
  const news: (string | null)[] = [];
  const feed = new LogFeed([(line) => news.push(watch.observe(line))], () => 0);
  /** @param atMs after the beginning */
  const send = (draft: LineDraft = {}, atMs = 0): void => {
    const time = ((BEGIN_MS + atMs) / 1000).toFixed(3);
    feed.add(Buffer.from(`${buildLine({ client: CLIENT, time, ...draft })}\n`));
  };
  const take = () => watch.take(NODE, BEGIN_MS + 2000);
  return { watch, send, take, news };
}

describe('what clients do', () => {
  it('is told when it is suspicious, with what they did besides', () => {
    const { send, take, news } = start();
    for (let page = 0; page < 5; page += 1) send({ requested: `/products/${page}` });
    send({ requested: '/.env?x=1', status: '404' }, 1000);
    send({ requested: '/.env?x=2', status: '404' }, 2000);
    send({ client: '198.51.100.1' });
    expect(news).toEqual([null, null, null, null, null, 'suspicious', 'suspicious', null]);
    const { suspects, node } = take();
    expect(suspects).toMatchObject([
      {
        client: CLIENT,
        country: 'NL',
        entries: [
          {
            serviceId: SERVICE_ID,
            classes: ['sensitive_path', 'not_found'],
            method: 'GET',
            status: 404,
            path: '/.env',
            count: 2,
            firstAt: BEGIN_MS + 1000,
            lastAt: BEGIN_MS + 2000,
          },
        ],
        requests: 7,
      },
    ]);
    expect(suspects[0]?.samples[0]).toBe(
      `2026-05-28T20:26:41.000Z ${CLIENT} "GET /.env?x=1 HTTP/1.1" 404 "https://shop.example.com/" "Mozilla/5.0 (X11; Linux x86_64)"`,
    );
    expect(suspects[0]?.pathHashes).toHaveLength(1);
    expect(node).toMatchObject({ ordinaryRequests: 6, clients: 2 });
    expect(take().suspects, 'each request once').toEqual([]);
  });

  it.each<[string, LineDraft, boolean]>([
    ['a page', {}, false],
    ['a search', { requested: '/search?q=drop+table+saw' }, false],
    ['an injection', { requested: '/?id=1%27%20or%20%271%27=%271' }, true],
    ['an injection without a mark', { requested: '/?id=information_schema' }, true],
    ['a secret that is there', { requested: '/backup.sql', status: '200' }, true],
    ['an attempt to log in', { method: 'POST', requested: '/wp-login.php' }, true],
    ['another POST', { method: 'POST', requested: '/api/orders' }, false],
    ['a scanner', { userAgent: 'Nikto/2.5' }, true],
    ['garbage', { method: '', protocol: '', requested: String.raw`\x16\x03\x01`, status: '400' }, true],
    ['a refusal of the application', { status: '403' }, true],
    ['a refusal of nginx itself', { status: '403', upstream: '-', upstreamSeconds: '-' }, false],
    ['a closed host', { service: '-', status: '444', upstream: '-', upstreamSeconds: '-' }, false],
    ['a lookup in an agent that is not new', { userAgent: '-', referrer: 'https://x/' }, false],
  ])('%s: %j is told: %j', (_, draft, isTold) => {
    const { send, take } = start();
    send(draft);
    expect(take().suspects.length > 0).toBe(isTold);
  });

  it('is told of who sends fast, whatever it is', () => {
    const { send, take, news } = start();
    for (let index = 0; index < 400; index += 1) send({ requested: `/p/${index}` }, index * 10);
    expect(news.at(-1)).toBe('fast');
    const [suspect] = take().suspects;
    expect(suspect?.requests).toBe(400);
    expect(suspect?.others.rate).toBeGreaterThan(100);
    expect(suspect?.pathHashes).toHaveLength(64);
  });

  it('fits the messages that the Core reads, however strange it is', () => {
    const { send, take } = start();
    const escape = String.raw`\x1B[31m\x00\xFF\xE2\x80\xAE`;
    for (let index = 0; index < 200; index += 1) {
      send({
        client: `203.0.113.${index % 50}`,
        requested: `/${escape}${'a'.repeat(5000)}${index}`,
        status: '404',
        userAgent: `${escape}${'b'.repeat(3000)}`,
        method: index % 2 === 0 ? 'GET' : 'X'.repeat(100),
      });
    }
    const { suspects, node } = take();
    const messages = planSuspectsMessages(suspects, node, BEGIN_MS + 60_000);
    expect(messages.reduce((sum, { message }) => sum + message.suspects.length, 0)).toBe(50);
    const problems = messages.flatMap(({ message }) => suspectsMessage.safeParse(message).error?.issues ?? []);
    expect(problems).toEqual([]);
    expect(new Set(messages.map(({ message }) => message.sampledAt)).size).toBe(messages.length);
  });

  it('takes a bounded place, and goes on counting those who are there', () => {
    const { send, take, watch } = start();
    for (let index = 0; index < 6000; index += 1) {
      send({
        client: `203.${Math.floor(index / 65_536)}.${(index >> 8) & 255}.${index & 255}`,
        requested: '/.env',
        status: '404',
      });
    }
    expect(watch.figures.tooMany).toBe(1000);
    expect(take().suspects).toHaveLength(5000);
  });

  it('is looked at whenever a class is in it', () => {
    const random = createRandom(11);
    const pieces = [
      '/',
      'a',
      '.',
      '..',
      'etc',
      'passwd',
      '%27',
      "'",
      '?',
      '=',
      '&',
      'or',
      '+',
      '1',
      '<',
      'script',
      'env',
      'git',
      'union',
      'select',
      '{',
      '$',
      '(',
      ';',
      '*',
      'wp-login.php',
      'class.',
      'document.cookie',
      '~',
      '-',
    ];
    const missed: string[] = [];
    let found = 0;
    for (let round = 0; round < 40_000; round += 1) {
      const length = random.between(1, 9);
      const requested = `/${Array.from({ length }, () => pieces[random.between(0, pieces.length - 1)]).join('')}`;
      const method = random.between(0, 1) === 0 ? 'GET' : 'POST';
      const line = Buffer.from(buildLine({ requested, method, client: CLIENT }));
      if (decideClasses(parseFlotillaLine(line, 0, line.length)).length === 0) continue;
      found += 1;
      const { send, take } = start();
      send({ requested, method });
      if (take().suspects.length === 0) missed.push(requested);
    }
    expect(missed).toEqual([]);
    expect(found).toBeGreaterThan(1000);
  }, 30_000);
});
