import { readFile, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildDesiredState, buildSite, type SiteDraft } from '../testing/build-site.ts';
import { sendRequest, type Reply, type RequestDraft } from '../testing/send-request.ts';
import { startBackend, type Backend } from '../testing/start-backend.ts';
import { findFreePort, makeSettings, startProxy, type TestProxy } from '../testing/start-proxy.ts';

const hash = (letter: string) => letter.repeat(64);
const PAGES = {
  401: hash('1'),
  403: hash('3'),
  404: hash('4'),
  413: hash('d'),
  429: hash('9'),
  503: hash('5'),
  '5xx': hash('e'),
};
/** Says which page it is, and what nginx has filled in. */
const page = (name: string) => `<h1>${name}</h1><p title="{{domain}}">{{status}}|{{requestId}}|{{time}}</p>`;
const contents = new Map(Object.entries(PAGES).map(([key, one]) => [one, page(key)]));
const RETRY_MS = 20_000;

let backend: Backend;
let stored: Map<string, string>;
beforeEach(async () => {
  backend = await startBackend('shop');
  stored = new Map(contents);
});
afterEach(() => backend[Symbol.asyncDispose]());

const start = async (): Promise<TestProxy> =>
  startProxy(await makeSettings(), { readErrorPage: (one) => Promise.resolve(stored.get(one) ?? null) });
const siteOf = (draft: Partial<SiteDraft> = {}) =>
  buildSite({ target: { host: '127.0.0.1', port: backend.port }, errorPageHashes: PAGES, ...draft });
const ask = ({ settings }: TestProxy, draft: Partial<RequestDraft> = {}): Promise<Reply> =>
  sendRequest({ port: settings.httpPort, host: 'shop.example.com', ...draft });
const interception = { errorPages: { interceptsUpstreamErrors: true } };

describe('a site with error pages', () => {
  it.each<[string, Partial<SiteDraft>, Partial<RequestDraft>, number, string]>([
    ['a refused network', { access: { deny: ['127.0.0.0/8'] } }, {}, 403, '403'],
    ['maintenance', { maintenance: { enabled: true } }, {}, 503, '503'],
    [
      'a missing password',
      { basicAuth: { realm: 'Staff', users: [{ username: 'a', passwordHash: `{SSHA}${'a'.repeat(32)}` }] } },
      {},
      401,
      '401',
    ],
    ['a body that is too large', { maxBodyBytes: 10 }, { method: 'POST', body: 'x'.repeat(100) }, 413, '413'],
    ['an internal path', {}, { path: '/.flotilla-error/html/x' }, 404, '404'],
    [
      'a refused POST with a body',
      { access: { deny: ['127.0.0.0/8'] }, maxBodyBytes: 10 },
      { method: 'POST', body: 'x'.repeat(100) },
      403,
      '403',
    ],
    ['an intercepted error', interception, { path: '/status/404' }, 404, '404'],
    ['an intercepted error of a class', interception, { path: '/status/500', method: 'PUT', body: 'x' }, 500, '5xx'],
    [
      'a redirecting site that refuses',
      { redirect: { to: 'https://example.com' }, access: { deny: ['127.0.0.0/8'] } },
      {},
      403,
      '403',
    ],
  ])('answers %s with the page, and keeps the status', async (_, draft, request, status, name) => {
    await using node = await start();
    expect(await node.proxy.apply(buildDesiredState(siteOf(draft)))).toMatchObject({
      outcome: 'applied',
      rejectedSites: [],
    });
    const reply = await ask(node, request);
    expect(reply.status).toBe(status);
    expect(reply.body).toContain(`<h1>${name}</h1><p title="shop.example.com">${status}|`);
    expect(reply.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    expect(reply.headers.vary).toContain('Accept');
  });

  it('leaves the target’s own errors alone unless they are intercepted, and never what is no error', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf()));
    const own = await ask(node, { path: '/status/404' });
    expect([own.status, own.echo.url, own.headers.vary]).toEqual([404, '/status/404', undefined]);
    await node.proxy.apply(buildDesiredState(siteOf(interception)));
    expect((await ask(node)).echo.name).toBe('shop');
    expect((await ask(node, { path: '/status/422' })).echo.url, 'no page for it').toBe('/status/422');
  });

  it('answers 502 with the page while its target is away, and the target again afterwards', async () => {
    await using node = await start();
    const port = await findFreePort();
    await node.proxy.apply(buildDesiredState(siteOf({ target: { host: '127.0.0.1', port } })));
    const reply = await ask(node);
    expect([reply.status, reply.body.slice(0, 12)]).toEqual([502, '<h1>5xx</h1>']);
    await node.proxy.apply(buildDesiredState(siteOf()));
    expect((await ask(node)).status).toBe(200);
  });

  it('in maintenance says when to come back, and only then', async () => {
    await using node = await start();
    const responseHeaders = [{ name: 'X-Shop', value: 'ours' }];
    await node.proxy.apply(buildDesiredState(siteOf({ maintenance: { enabled: true }, responseHeaders })));
    expect((await ask(node)).headers).toMatchObject({ 'retry-after': '300', 'x-shop': 'ours' });
    await node.proxy.apply(buildDesiredState(siteOf({ ...interception, responseHeaders })));
    const { status, headers } = await ask(node, { path: '/status/503' });
    expect([status, headers['retry-after'], headers['x-shop']]).toEqual([503, undefined, 'ours']);
  });

  it('lets through who may pass during maintenance', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf({ maintenance: { enabled: true, allowFrom: ['127.0.0.0/8'] } })));
    expect((await ask(node)).status).toBe(200);
  });

  it('has a page for a banned client, and one for who asks for too much', async () => {
    await using node = await start();
    const firewall = { requestLimit: { requestsPerSecond: 1, burst: 0 } };
    await node.proxy.apply(buildDesiredState(siteOf({ firewall })));
    const replies = await Promise.all([1, 2, 3].map(() => ask(node)));
    expect(replies.find(({ status }) => status === 429)?.body).toContain('<h1>429</h1>');
    await node.proxy.bans.setBans({ added: [{ network: '127.0.0.1/32', serviceId: null }], lifted: [] });
    const banned = await ask(node);
    expect([banned.status, banned.body.slice(0, 12)]).toEqual([403, '<h1>403</h1>']);
  });

  it('remembers the method in the log', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf({ access: { deny: ['127.0.0.0/8'] } })));
    await ask(node, { method: 'DELETE', path: '/a' });
    const isLogged = async () =>
      (await readFile(node.proxy.accessLogFile, 'utf8')).split('\n').find((line) => line.includes('"/a"'));
    await expect.poll(isLogged, { timeout: RETRY_MS }).toContain('"403"');
    expect(await isLogged()).toContain('"DELETE"HTTP/1.1"/a"');
  });
});

describe('clients that ask for JSON', () => {
  it.each([
    ['application/json', true],
    ['application/problem+json, */*;q=0.1', true],
    ['APPLICATION/JSON', true],
    ['text/html,application/json', false],
    ['*/*', false],
    ['text/plain', false],
  ])('are those with Accept: %s: %s', async (accept, isJson) => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf({ maintenance: { enabled: true } })));
    const { status, headers, body } = await ask(node, { headers: { accept }, method: 'POST', body: '{}' });
    expect(status).toBe(503);
    expect(headers['content-type']).toBe(isJson ? 'application/json' : 'text/html; charset=utf-8');
    expect(body.startsWith('{')).toBe(isJson);
    expect(headers['retry-after']).toBe('300');
  });

  it('get the status, its name and the request’s id, which is also in the page and the log', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf(interception)));
    const json = await ask(node, { path: '/status/404', headers: { accept: 'application/json' } });
    const body = JSON.parse(json.body) as Record<string, unknown>;
    expect(body).toEqual({
      status: 404,
      error: 'Not Found',
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    const html = await ask(node, { path: '/status/404' });
    const [, requestId = '-'] = html.body.split('|');
    await expect
      .poll(() => readFile(node.proxy.accessLogFile, 'utf8'), { timeout: RETRY_MS })
      .toMatch(new RegExp(`${String(body['requestId'])}[^]*${requestId}`));
  });
});

describe('what clients send', () => {
  /** As bytes: no client library sends such a Host header. */
  const askRaw = async ({ settings }: TestProxy, text: string): Promise<string> => {
    const socket = connect(settings.httpPort, '127.0.0.1');
    socket.end(text);
    let answer = '';
    for await (const chunk of socket.setEncoding('utf8') as AsyncIterable<string>) answer += chunk;
    return answer;
  };

  it.each(['<img/src=x>', '"onload="x', "'onload='x", '<!--#echo'])(
    'does not become HTML by a Host header with %s',
    async (evil) => {
      await using node = await start();
      const domains = ['*.example.com'];
      await node.proxy.apply(buildDesiredState(siteOf({ domains, maintenance: { enabled: true } })));
      const answer = await askRaw(node, `GET / HTTP/1.1\r\nHost: ${evil}.example.com\r\nConnection: close\r\n\r\n`);
      // nginx refuses some of them by itself.
      expect(answer).toMatch(/^HTTP\/1\.1 (503|400) /);
      expect(answer).not.toContain(evil);
      const good = await askRaw(node, `GET / HTTP/1.1\r\nHost: Good.example.com\r\nConnection: close\r\n\r\n`);
      expect(good, 'the control').toContain('title="good.example.com"');
    },
  );

  it('does not become the request’s id', async () => {
    await using node = await start();
    await node.proxy.apply(buildDesiredState(siteOf({ maintenance: { enabled: true } })));
    const { body } = await ask(node, { path: '/<b>', headers: { 'x-request-id': '<script>' } });
    expect(body).toMatch(/\|[0-9a-f]{32}\|/);
    expect(body).not.toContain('<script>');
  });
});

describe('server-side includes in a page', () => {
  it('reach neither files, nor other addresses, nor variables', async () => {
    const evil = [
      '<!--# include file="../logs/access.log" -->',
      '<!--# include virtual="/secret" -->',
      '<!--#include virtual="/.flotilla-error/json/x" -->',
      '<!--# echo var="http_cookie" -->',
      '<!--# if expr="$http_cookie" -->yes<!--# endif -->',
    ];
    stored.set(PAGES[503], `${evil.join('')}{{status}}`);
    await using node = await start();
    const site = siteOf({ maintenance: { enabled: true } });
    await node.proxy.apply(buildDesiredState(site));
    const { body } = await ask(node, { headers: { cookie: 'session=1' } });
    expect(body).toBe(`${evil.join('').replaceAll('<!--#', '<!-- #')}503`);
  });
});

describe('a page that is not here', () => {
  it('is left out, is told of, and is served when it has come', async () => {
    await using node = await start();
    stored.delete(PAGES[503]);
    const site = siteOf({ maintenance: { enabled: true }, errorPageHashes: { 404: PAGES[404], 503: PAGES[503] } });
    const outcome = await node.proxy.apply(buildDesiredState(site));
    expect(outcome).toMatchObject({
      outcome: 'applied',
      rejectedSites: [],
      sitesWithoutPages: [{ serviceId: site.serviceId, reason: expect.stringContaining('for 503,') as string }],
    });
    const before = await ask(node);
    expect([before.status, before.headers['retry-after'], before.body.includes('nginx')]).toEqual([503, '300', true]);
    stored.set(PAGES[503], page('503'));
    await node.proxy.reresolve();
    expect((await ask(node)).body).toContain('<h1>503</h1>');
    expect(node.results.at(-1)).not.toHaveProperty('sitesWithoutPages');
  });

  it('is written once for many sites, and removed when none has it any more', async () => {
    await using node = await start();
    const errorPageHashes = { 404: PAGES[404] };
    const sites = Array.from({ length: 20 }, (_, index) =>
      siteOf({ domains: [`s${index}.example.com`], errorPageHashes }),
    );
    await node.proxy.apply(buildDesiredState(...sites));
    const folder = join(node.settings.directory, 'error-pages');
    expect(await readdir(folder)).toHaveLength(1);
    for (let change = 0; change < 12; change += 1) {
      await node.proxy.apply(buildDesiredState(siteOf({ errorPageHashes: {}, maxBodyBytes: change + 1 })));
      await sleep(0);
    }
    expect(await readdir(folder)).toHaveLength(0);
  });
});
