import { readFile, rename, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { buildDesiredState, buildSite } from '../nginx/testing/build-site.ts';
import { sendRequest } from '../nginx/testing/send-request.ts';
import { startBackend, type Backend } from '../nginx/testing/start-backend.ts';
import { DOCKER_SOCKET, startNginxContainer } from '../nginx/testing/start-nginx-container.ts';
import { endNginx, makeSettings, startProxy, type TestProxy } from '../nginx/testing/start-proxy.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { createLineHead, parseLineHead } from '@flotilla/traffic';
import { readLogsOnDisk } from './read-logs-on-disk.ts';
import { startAccessLog, type AccessLog, type AccessLogDeps } from './start-access-log.ts';
import type { ServiceTraffic } from './traffic-counter.ts';

const FIELDS = 14;
const HOST = 'shop.example.com';
const site = buildSite({ domains: [HOST], trustedProxies: ['127.0.0.0/8'] });
const { serviceId } = site;

let node: TestProxy;
let backend: Backend;
let log: AccessLog | null;
let ending: AbortController;

beforeEach(async () => {
  ending = new AbortController();
  log = null;
  backend = await startBackend('a');
  node = await startProxy(await makeSettings());
  const target = { host: '127.0.0.1', port: backend.port };
  await node.proxy.apply(buildDesiredState({ ...site, target: buildSite({ target }).target }));
});

afterEach(async () => {
  ending.abort();
  await log?.finished;
  await node[Symbol.asyncDispose]();
  await backend[Symbol.asyncDispose]();
});

function startLog(options: Partial<AccessLogDeps> = {}): AccessLog {
  log = startAccessLog({
    file: node.proxy.accessLogFile,
    otherLogs: [node.proxy.errorLogFile],
    positionFile: join(node.settings.directory, 'access-log.json'),
    reopen: node.proxy.reopenLogs,
    logger: createMemoryLog().logger,
    signal: ending.signal,
    ...options,
  });
  return log;
}

const ask = (path = '/', headers: Record<string, string> = {}) =>
  sendRequest({ port: node.settings.httpPort, host: HOST, path, headers });

/** Bytes as they are, on a connection of their own. Resolves when nginx has closed it, or after half a second. */
function sendBytes(bytes: string | Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(node.settings.httpPort, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(500, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    socket.on('close', () => resolve());
  });
}

const readLines = async (): Promise<string[]> =>
  (await readFile(node.proxy.accessLogFile, 'latin1')).split('\n').slice(0, -1);

async function waitForLines(count: number): Promise<string[][]> {
  await waitUntil(`${count} lines`, async () => (await readLines()).length >= count);
  return (await readLines()).map((line) => line.split('"'));
}

function isOurs(fields: readonly string[]): boolean {
  const bytes = Buffer.from(`${fields.join('"')}\n`, 'latin1');
  return parseLineHead(bytes, 0, bytes.length - 1, createLineHead());
}

describe('what nginx writes', () => {
  it('has a request’s values in their places, whatever strangers write into it', async () => {
    const headers = [
      `Host: ${HOST}`,
      'User-Agent: x" 200 "y"\\" \' \u00c3\u00bc \u001b[31m',
      'Referer: "-" "-" 1780000000.250"',
      'X-Forwarded-For: 2001:db8::7',
    ];
    await sendBytes(Buffer.from(`GET /a%22b?c="d HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`, 'latin1'));
    const [line = []] = await waitForLines(1);
    expect(line).toHaveLength(FIELDS);
    expect(line.map((field, index) => (index === 0 || (index > 2 && index < 5) || index === 8 ? '' : field))).toEqual([
      '',
      serviceId,
      // The backend's own opinion of such headers.
      '400',
      '',
      '',
      `127.0.0.1:${backend.port}`,
      line[6],
      '2001:db8::7',
      '',
      'GET',
      'HTTP/1.1',
      String.raw`/a%22b?c=\x22d`,
      String.raw`\x22-\x22 \x22-\x22 1780000000.250\x22`,
      String.raw`x\x22 200 \x22y\x22\x5C\x22 ' \xC3\xBC \x1B[31m`,
    ]);
    expect(Number(line[0]) * 1000).toBeGreaterThan(Date.now() - 20_000);
    expect(line[8]).toMatch(/^[0-9a-f]{32}$/);
    expect(isOurs(line)).toBe(true);
  });

  it('is a line for each hostile request, none of them the service’s', async () => {
    const requests = [
      Buffer.from('\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"\n"\n', 'latin1'),
      'GET /http-0.9\r\n',
      '\r\n\r\n',
      '"""""""""""""""\r\n\r\n',
      '1780000000.250"0190a0b0-1111-7222-8333-444455556666"200"0.001"0.001"1.2.3.4:80"1"x\r\n\r\n',
      `GET /${'a'.repeat(65_536)} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: ${HOST}\r\nX: ${'b'.repeat(65_536)}\r\n\r\n`,
      Buffer.from(
        `GET /\u00ff\u00fe\u00c0\u00af HTTP/1.1\r\nHost: unknown.example.com\r\nUser-Agent: \u00ff"\r\n\r\n`,
        'latin1',
      ),
      'GET / HTTP/1.1\r\nHost: a b"c\r\n\r\n',
      'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'get / HTTP/1.1\r\n\r\n',
      `POST / HTTP/1.1\r\nHost: unknown.example.com\r\nContent-Length: -1\r\n\r\n`,
      'GET http://[2001:db8::1]/ HTTP/1.1\r\nHost: [2001:db8::1]\r\n\r\n',
    ];
    for (const request of requests) await sendBytes(request);
    const lines = await waitForLines(requests.length);
    expect(lines.map((fields) => fields.length)).toEqual(requests.map(() => FIELDS));
    expect(lines.filter((fields) => !isOurs(fields))).toEqual([]);
    expect(lines.filter(([, , , , , upstream]) => upstream !== '-')).toEqual([]);
    // In any order: each worker of nginx has a buffer of its own.
    const requested = lines.map((fields) => fields[11] ?? '');
    expect(requested, 'TLS on the plain port is there as it came').toContainEqual(
      expect.stringMatching(/^\\x16\\x03\\x01/),
    );
    expect(lines.map(([, , status]) => status)).toEqual(expect.arrayContaining(['400', '414', '444', '505']));
  });

  it('is a line for a site’s requests over TLS that nginx answers itself, too', async () => {
    const socket = connectTls({
      port: node.settings.httpsPort,
      host: '127.0.0.1',
      servername: HOST,
      rejectUnauthorized: false,
    });
    await new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
    await sendRequest({ port: node.settings.httpPort, host: 'nobody.example.com' }).catch(() => null);
    const [line = []] = await waitForLines(1);
    expect([line[1], line[2], line[5]]).toEqual(['-', '444', '-']);
  });
});

describe('the access log', () => {
  /** Asks for counts of the service until they are known. */
  async function takeFirst(access: AccessLog): Promise<void> {
    await waitUntil('counts', () => access.takeTraffic([serviceId])?.has(serviceId) === true);
  }

  it('counts a service’s requests within seconds', async () => {
    const access = startLog();
    await takeFirst(access);
    for (let count = 1; count <= 20; count += 1) await ask();
    await sendRequest({ port: node.settings.httpPort, host: 'unknown.example.com' }).catch(() => null);
    const sums = { requests: 0, serverErrors: 0 };
    await waitUntil('20 requests', () => {
      const traffic = access.takeTraffic([serviceId])?.get(serviceId);
      sums.requests += traffic?.requests ?? 0;
      sums.serverErrors += traffic?.serverErrors ?? 0;
      return sums.requests >= 20;
    });
    expect(sums).toEqual({ requests: 20, serverErrors: 0 });
    expect(access.figures()).toMatchObject({ lines: 21, foreign: 0, late: 0, lostFiles: 0, isReadable: true });
  });

  it('rotates by size, and counts each of thousands of requests once meanwhile', async () => {
    const REQUESTS = 8000;
    const access = startLog({ maxLogBytes: 100_000, rotationIntervalMs: 100 });
    await takeFirst(access);
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const { httpPort: port } = node.settings;
    const clients = Array.from({ length: 8 }, async () => {
      for (let count = 0; count < REQUESTS / 8; count += 1) {
        expect((await sendRequest({ port, host: HOST, agent })).status).toBe(200);
      }
    });
    await Promise.all(clients);
    agent.destroy();
    let counted = 0;
    const add = (traffic: Map<string, ServiceTraffic> | null): void => {
      counted += traffic?.get(serviceId)?.requests ?? 0;
    };
    await waitUntil('all requests', () => {
      add(access.takeTraffic([serviceId]));
      return counted >= REQUESTS;
    });
    await waitUntil('rotation', async () => (await readLogsOnDisk(node.proxy.accessLogFile)).length === 5);
    expect(counted).toBe(REQUESTS);
    // nginx writes to the newest. Asked again each time: the last rotation may come just after a line was written.
    await waitUntil('a line in the newest file', async () => {
      await ask('/after');
      return (await readLines()).some((line) => line.includes('/after'));
    });
    expect(access.figures()).toMatchObject({ foreign: 0, lostFiles: 0 });
  });

  it('rotates what nginx complains of, too', async () => {
    const file = node.proxy.errorLogFile;
    await writeFile(file, 'x'.repeat(5000), { flag: 'a' });
    startLog({ maxLogBytes: 5000, rotationIntervalMs: 50 });
    await waitUntil('another log', async () => (await readLogsOnDisk(file)).length === 2);
    await waitUntil('an empty one', async () => (await readFile(file, 'utf8')) === '');
    expect(await readFile(`${file}.1`, 'utf8')).toContain('xxxxx');
    expect((await readLogsOnDisk(node.proxy.accessLogFile)).length, 'one that is small stays').toBe(1);
  });

  it('has nginx begin a new log that an agent renamed before it was killed', async () => {
    await ask();
    await waitForLines(1);
    await rename(node.proxy.accessLogFile, `${node.proxy.accessLogFile}.1`);
    startLog({ rotationIntervalMs: 50 });
    await waitUntil('a new log', async () => (await readLogsOnDisk(node.proxy.accessLogFile)).length === 2);
    await ask('/again');
    expect((await waitForLines(1)).at(-1)?.[11]).toBe('/again');
  });

  it('knows nothing while there is no log to read', async () => {
    const access = startLog({ file: join(node.settings.directory, 'logs', 'none.log') });
    await waitUntil('some looks', async () => {
      await ask();
      return (await readLines()).length > 3;
    });
    expect([access.takeTraffic([serviceId]), access.takeTraffic([serviceId])]).toEqual([null, null]);
    expect(access.figures().isReadable).toBe(false);
  });

  it('goes on after a restart where it was, without what is of before', async () => {
    const first = startLog();
    await takeFirst(first);
    await ask();
    await waitUntil('the line', () => first.figures().lines === 1);
    ending.abort();
    await first.finished;
    await ask();
    await ask();
    await waitForLines(3);
    ending = new AbortController();
    const second = startLog();
    await waitUntil('the lines of meanwhile', () => second.figures().lines === 2);
    await ask();
    await waitUntil('one more', () => second.figures().lines === 3);
  });
});

describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] === '0')('the access log of an nginx in a container', () => {
  it('is begun anew after it was renamed', async () => {
    const settings = await makeSettings();
    onTestFinished(() => endNginx(settings));
    await using container = await startNginxContainer(settings.directory);
    const mode = { kind: 'container', container: container.name, dockerSocket: DOCKER_SOCKET } as const;
    await using contained = await startProxy({ ...settings, mode });
    const { accessLogFile, reopenLogs } = contained.proxy;
    const access = startLog({ file: accessLogFile, reopen: reopenLogs, rotationIntervalMs: 50, maxLogBytes: 1 });
    await waitUntil('a log', () => access.figures().isReadable);
    const REQUESTS = 5;
    for (let sent = 1; sent <= REQUESTS; sent += 1) {
      await sendRequest({ port: settings.httpPort, host: 'nobody.example.com' }).catch(() => null);
      await waitUntil('its line', () => access.figures().lines >= sent);
    }
    await waitUntil('rotated logs', async () => (await readLogsOnDisk(accessLogFile)).length > 3);
    expect(access.figures()).toMatchObject({ lines: REQUESTS, foreign: 0, lostFiles: 0 });
  });
});
