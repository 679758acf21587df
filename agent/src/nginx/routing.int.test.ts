import { request as requestHttp } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDesiredState, buildSite, hashPassword, type SiteDraft } from './testing/build-site.ts';
import { sendRequest, type RequestDraft } from './testing/send-request.ts';
import { startBackend, type Backend } from './testing/start-backend.ts';
import { makeSettings, startProxy, type TestProxy } from './testing/start-proxy.ts';

const HOST = 'shop.example.com';

describe('sites in the real nginx', () => {
  let blue: Backend;
  let green: Backend;
  let node: TestProxy;
  beforeAll(async () => {
    blue = await startBackend('blue');
    green = await startBackend('green');
    node = await startProxy(await makeSettings());
  });
  afterAll(async () => {
    await node[Symbol.asyncDispose]();
    await blue[Symbol.asyncDispose]();
    await green[Symbol.asyncDispose]();
  });

  const serve = async (draft: Partial<SiteDraft> = {}): Promise<void> => {
    const site = buildSite({ target: { host: '127.0.0.1', port: blue.port }, ...draft });
    expect(await node.proxy.apply(buildDesiredState(site))).toMatchObject({ outcome: 'applied', rejectedSites: [] });
  };
  const ask = (draft: Partial<RequestDraft> = {}) =>
    sendRequest({ port: node.settings.httpPort, host: HOST, ...draft });
  const askTls = (draft: Partial<RequestDraft> = {}) => ask({ port: node.settings.httpsPort, tls: true, ...draft });

  it('sends a domain’s requests to its target, path and query byte for byte', async () => {
    await serve();
    expect((await ask({ path: '/a%2Fb//c?d=%20' })).echo).toMatchObject({ name: 'blue', url: '/a%2Fb//c?d=%20' });
  });

  it('tells the target who asks, and not what the client claims', async () => {
    await serve();
    const forged = {
      'x-forwarded-for': '198.51.100.1',
      'x-forwarded-proto': 'https',
      'x-real-ip': '1.1.1.1',
      proxy: 'x',
    };
    const { headers } = (await ask({ headers: forged })).echo;
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-real-ip': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': HOST,
      'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
      host: HOST,
    });
    expect(headers).not.toHaveProperty('proxy');
  });

  it('believes a trusted proxy, back to the first address that is not one', async () => {
    await serve({ trustedProxies: ['127.0.0.1', '10.0.0.0/8'] });
    const forwarded = { 'x-forwarded-for': '203.0.113.66, 198.51.100.1, 10.1.1.1', 'x-forwarded-proto': 'https' };
    expect((await ask({ headers: forwarded })).echo.headers).toMatchObject({
      'x-forwarded-for': '198.51.100.1',
      'x-real-ip': '198.51.100.1',
      'x-forwarded-proto': 'https',
    });
  });

  it('keeps the port that the client wrote', async () => {
    await serve();
    expect((await ask({ headers: { host: `${HOST}:8081` } })).echo.headers.host).toBe(`${HOST}:8081`);
  });

  it('closes connections for hosts that no site has, on both ports', async () => {
    await serve({ tls: { mode: 'self_signed' } });
    await expect(ask({ host: 'other.example.com' })).rejects.toThrow('socket hang up');
    await expect(askTls({ host: 'other.example.com' })).rejects.toThrow('unrecognized name');
    expect((await askTls()).status).toBe(200);
  });

  it('serves wildcard domains', async () => {
    await serve({ domains: ['*.example.com'] });
    expect((await ask({ host: 'deep.down.example.com' })).echo.name).toBe('blue');
  });

  it('upgrades WebSockets only, and only where they are on', async () => {
    await serve();
    expect(await upgrade(node.settings.httpPort, 'websocket')).toBe('101 hello');
    expect(await upgrade(node.settings.httpPort, 'h2c')).toBe('200');
    await serve({ websocket: false });
    expect(await upgrade(node.settings.httpPort, 'websocket')).toBe('200');
  });

  it('speaks HTTP/2 over TLS with a certificate for the site’s domains', async () => {
    await serve({ domains: [HOST, '*.shop.example.com'], tls: { mode: 'self_signed' } });
    expect(await askHttp2(node.settings.httpsPort)).toEqual({ status: 200, protocol: 'h2' });
    const certificate = await readCertificate(node.settings.httpsPort);
    expect(certificate.subjectaltname).toBe(`DNS:${HOST}, DNS:*.shop.example.com`);
    expect(certificate.asn1Curve).toBe('prime256v1');
  });

  it('sends HTTP to HTTPS where that is wanted', async () => {
    await serve({ tls: { mode: 'self_signed', redirectHttp: true } });
    const reply = await ask({ path: '/cart?id=1' });
    expect([reply.status, reply.headers.location]).toEqual([
      308,
      `https://${HOST}:${node.settings.httpsPort}/cart?id=1`,
    ]);
    expect((await askTls()).echo.headers['x-forwarded-proto']).toBe('https');
  });

  it.each([
    { keepPath: true, location: 'https://www.example.com/cart?id=1' },
    { keepPath: false, location: 'https://www.example.com/' },
  ])('redirects with keepPath $keepPath to $location', async ({ keepPath, location }) => {
    await serve({ redirect: { to: 'https://www.example.com', status: 301, keepPath } });
    const reply = await ask({ path: '/cart?id=1' });
    expect([reply.status, reply.headers.location]).toEqual([301, location]);
  });

  it('answers 503 with Retry-After in maintenance, but lets those in who may', async () => {
    await serve({ maintenance: { enabled: true, allowFrom: ['192.0.2.0/24'] } });
    const reply = await ask();
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '300']);
    await serve({ maintenance: { enabled: true, allowFrom: ['127.0.0.0/8'] } });
    expect((await ask()).status).toBe(200);
  });

  it('asks for a password', async () => {
    const users = [{ username: 'alice', passwordHash: hashPassword('correct horse') }];
    await serve({ basicAuth: { realm: 'Staff only', users } });
    const reply = await ask();
    expect([reply.status, reply.headers['www-authenticate']]).toEqual([401, 'Basic realm="Staff only"']);
    const withPassword = (password: string) =>
      ask({ headers: { authorization: `Basic ${Buffer.from(`alice:${password}`).toString('base64')}` } });
    expect((await withPassword('wrong')).status).toBe(401);
    expect((await withPassword('correct horse')).status).toBe(200);
  });

  it.each([
    { allow: [], deny: [], status: 200 },
    { allow: [], deny: ['127.0.0.0/8'], status: 403 },
    { allow: ['127.0.0.1'], deny: [], status: 200 },
    { allow: ['192.0.2.0/24'], deny: [], status: 403 },
    // The more specific entry does not win: denied is denied.
    { allow: ['127.0.0.1/32'], deny: ['127.0.0.0/8'], status: 403 },
  ])('allow $allow, deny $deny → $status', async (access) => {
    await serve({ access: { allow: access.allow, deny: access.deny } });
    expect((await ask()).status).toBe(access.status);
  });

  it('applies access rules to the client behind a trusted proxy', async () => {
    await serve({ trustedProxies: ['127.0.0.1'], access: { allow: [], deny: ['198.51.100.0/24'] } });
    expect((await ask({ headers: { 'x-forwarded-for': '198.51.100.7' } })).status).toBe(403);
    expect((await ask({ headers: { 'x-forwarded-for': '203.0.113.7' } })).status).toBe(200);
  });

  it('sends paths to other targets, by whole segments', async () => {
    const target = { host: '127.0.0.1', port: green.port };
    await serve({
      locations: [
        { path: '/api', target, stripPath: true },
        { path: '/kept/', target },
        { path: '/only', match: 'exact', target },
      ],
    });
    const seen = async (path: string) => {
      const { name, url } = (await ask({ path })).echo;
      return `${name} ${url}`;
    };
    expect(await seen('/api')).toBe('green /');
    expect(await seen('/api?a=1')).toBe('green /?a=1');
    expect(await seen('/api/v1/items?a=1')).toBe('green /v1/items?a=1');
    expect(await seen('/apis')).toBe('blue /apis');
    expect(await seen('/kept/x')).toBe('green /kept/x');
    expect(await seen('/only')).toBe('green /only');
    expect(await seen('/only/x')).toBe('blue /only/x');
  });

  it('sets headers of the operator’s in both directions, with variables', async () => {
    await serve({
      requestHeaders: [{ name: 'X-Team', value: 'a "b" \\c; ${request_method}' }],
      responseHeaders: [{ name: 'X-Frame-Options', value: "DENY; 'self'" }],
    });
    const reply = await ask();
    expect(reply.echo.headers['x-team']).toBe('a "b" \\c; GET');
    expect(reply.headers['x-frame-options']).toBe("DENY; 'self'");
  });

  it('refuses bodies over the limit', async () => {
    await serve({ maxBodyBytes: 1000 });
    expect((await ask({ method: 'POST', body: 'x'.repeat(1000) })).status).toBe(200);
    expect((await ask({ method: 'POST', body: 'x'.repeat(1001) })).status).toBe(413);
  });

  it('takes bodies that do not fit in memory', async () => {
    await serve();
    expect((await ask({ method: 'POST', body: 'x'.repeat(5_000_000) })).status).toBe(200);
  });

  it('compresses what the target sends, where that is on', async () => {
    const headers = { 'accept-encoding': 'gzip', 'x-padding': 'x'.repeat(2000) };
    await serve();
    expect((await ask({ headers })).headers['content-encoding']).toBe('gzip');
    await serve({ gzip: false });
    expect((await ask({ headers })).headers['content-encoding']).toBeUndefined();
  });

  it('spreads requests over the targets and goes round one that is away', async () => {
    await serve({
      additionalTargets: [
        { host: '127.0.0.1', port: green.port },
        { host: '127.0.0.1', port: 9 },
      ],
    });
    const names = new Set<string>();
    for (let count = 0; count < 12; count += 1) names.add((await ask()).echo.name);
    expect([...names].toSorted()).toEqual(['blue', 'green']);
  });
});

/** Upgrades and says one word: the status, and what came back. */
function upgrade(port: number, protocol: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = requestHttp({
      host: '127.0.0.1',
      port,
      agent: false,
      headers: {
        host: HOST,
        connection: 'Upgrade',
        upgrade: protocol,
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-version': '13',
      },
    });
    asking.on('error', reject);
    asking.on('response', (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    asking.on('upgrade', (response, socket) => {
      socket.on('data', (data) => {
        socket.destroy();
        resolve(`${response.statusCode} ${data.toString()}`);
      });
      socket.write('hello');
    });
    asking.end();
  });
}

function askHttp2(port: number): Promise<{ status: number | undefined; protocol: string | undefined }> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: HOST, rejectUnauthorized: false });
    session.on('error', reject);
    const stream = session.request({ ':path': '/', ':authority': HOST });
    stream.on('error', reject);
    stream.on('response', (headers) => {
      resolve({ status: headers[':status'], protocol: session.alpnProtocol });
      session.close();
      stream.resume();
    });
  });
}

function readCertificate(port: number): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, servername: HOST, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate());
      socket.end();
    });
    socket.on('error', reject);
  });
}
