import type { RequestListener } from 'node:http';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../testing/wait-until.ts';
import { ENDPOINT_TIMEOUT_MS, MAX_ANSWER_BYTES, readEndpoint } from './read-endpoint.ts';
import { MetricsServer, text } from './testing/metrics-server.ts';

const FIGURES = 'a 1\n';
const ending = new AbortController();
let elsewhere: MetricsServer;
let server: MetricsServer;
let endlessBytes = 0;

/** A piece each 20 ms, for so long; without an end when it is longer than anybody waits. */
function drip(durationMs: number): RequestListener {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    const startedAt = performance.now();
    const timer = setInterval(() => {
      response.write('#\n');
      if (performance.now() - startedAt > durationMs) response.end(FIGURES);
    }, 20);
    response.on('close', () => clearInterval(timer));
  };
}

const endless: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' });
  const piece = Buffer.alloc(2 ** 16, '#');
  const write = (): void => {
    for (;;) {
      if (response.destroyed) return;
      endlessBytes += piece.length;
      if (!response.write(piece)) break;
    }
    response.once('drain', write);
  };
  write();
};

const packed =
  (body: Buffer): RequestListener =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(body);

beforeAll(async () => {
  elsewhere = await MetricsServer.start({ '/metrics': text(FIGURES) });
  const redirect =
    (status: number): RequestListener =>
    (_, response) =>
      void response.writeHead(status, { location: `http://127.0.0.1:${elsewhere.port}/metrics` }).end();
  const bomb = gzipSync(Buffer.alloc(64 * MAX_ANSWER_BYTES, 'a'));
  server = await MetricsServer.start({
    '/metrics': text(FIGURES),
    '/echo': (request, response) => void response.end(JSON.stringify(request.headers)),
    '/301': redirect(301),
    '/307': redirect(307),
    '/500': (_, response) => void response.writeHead(500).end(FIGURES),
    '/204': (_, response) => void response.writeHead(204).end(),
    '/never': () => undefined,
    '/drip': drip(10 * ENDPOINT_TIMEOUT_MS),
    '/drip-with-end': drip(200),
    '/endless': endless,
    '/full': text('#'.repeat(MAX_ANSWER_BYTES)),
    '/too-full': text('#'.repeat(MAX_ANSWER_BYTES + 1)),
    '/gzip': packed(gzipSync(FIGURES)),
    '/bomb': packed(bomb),
    '/identity': (_, response) => void response.writeHead(200, { 'content-encoding': 'identity' }).end(FIGURES),
    '/marked': text(`\ufeff${FIGURES}`),
    '/cut': (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write(FIGURES, () => response.destroy());
    },
    '/many-headers': (_, response) => void response.writeHead(200, { 'x-a': 'b'.repeat(100_000) }).end(FIGURES),
  });
});

afterAll(async () => {
  ending.abort();
  await server.stop();
  await elsewhere.stop();
});

const read = (path: string, port = server.port, address = '127.0.0.1') =>
  readEndpoint({ address, port, path }, ending.signal);

describe('readEndpoint', () => {
  it('reads an answer', async () => {
    expect(await read('/metrics')).toEqual({ text: FIGURES, contentType: 'text/plain' });
    expect(await read('/identity')).toEqual({ text: FIGURES, contentType: '' });
    expect((await read('/marked')).text, 'without its byte order mark').toBe(FIGURES);
  });

  it('asks for the plain text, and keeps nothing open', async () => {
    const headers = JSON.parse((await read('/echo')).text) as Record<string, string>;
    expect(headers).toMatchObject({
      'accept-encoding': 'identity',
      connection: 'close',
      host: `127.0.0.1:${server.port}`,
    });
    expect(headers['accept']).toMatch(/^text\/plain;version=0\.0\.4,/);
    await waitUntil('no connection', async () => (await server.countConnections()) === 0);
  });

  it.each([
    ['/301', 'answers 301, and redirects are not followed'],
    ['/307', 'answers 307, and redirects are not followed'],
    ['/404', 'answers 404'],
    ['/500', 'answers 500'],
    ['/204', 'answers 204'],
    ['/gzip', 'answers packed, although it was asked not to'],
    ['/bomb', 'answers packed, although it was asked not to'],
    ['/too-full', 'answers more than 1048576 bytes'],
    ['/cut', 'cannot be read: aborted'],
    ['/many-headers', 'cannot be read: Parse Error: Header overflow'],
  ])('refuses %s', async (path, reason) => {
    await expect(read(path)).rejects.toThrow(reason);
    await waitUntil('no connection', async () => (await server.countConnections()) === 0);
  });

  it('never calls the place that a redirect names', async () => {
    await expect(read('/301')).rejects.toThrow('redirects are not followed');
    expect(elsewhere.asked).toEqual([]);
    await read('/metrics', elsewhere.port);
    expect(elsewhere.asked, 'the control: it would have been seen').toEqual(['/metrics']);
  });

  it('reads what is just not too large', async () => {
    expect((await read('/full')).text).toHaveLength(MAX_ANSWER_BYTES);
  });

  it('stops reading what has no end', async () => {
    await expect(read('/endless')).rejects.toThrow('answers more than 1048576 bytes');
    await waitUntil('the end of the connection', async () => (await server.countConnections()) === 0);
    // What the sockets' buffers took, beyond the bound.
    expect(endlessBytes).toBeLessThan(32 * MAX_ANSWER_BYTES);
  });

  it.each(['/drip', '/never'])('waits for %s so long as a whole answer may take, and no longer', async (path) => {
    const startedAt = performance.now();
    await expect(read(path)).rejects.toThrow(`has not answered in full within ${ENDPOINT_TIMEOUT_MS} ms`);
    expect(performance.now() - startedAt).toBeGreaterThan(ENDPOINT_TIMEOUT_MS - 50);
    expect(performance.now() - startedAt).toBeLessThan(ENDPOINT_TIMEOUT_MS + 3000);
    await waitUntil('no connection', async () => (await server.countConnections()) === 0);
  });

  it('reads what comes slowly, but in time', async () => {
    expect((await read('/drip-with-end')).text).toMatch(/a 1\n$/);
  });

  it('calls addresses only, and looks none up', async () => {
    await expect(read('/metrics', server.port, 'localhost')).rejects.toThrow('has no address');
  });

  it('says that nobody listens', async () => {
    const unused = await MetricsServer.start({});
    const { port } = unused;
    await unused.stop();
    await expect(read('/metrics', port)).rejects.toThrow('refuses connections');
  });

  it('is not confused by what is no HTTP', async () => {
    const sockets: Socket[] = [];
    const other = createServer((socket) => {
      sockets.push(socket);
      socket.end('SSH-2.0-OpenSSH_9.2\r\n');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    await expect(read('/metrics', (other.address() as AddressInfo).port)).rejects.toThrow(
      'cannot be read: Parse Error',
    );
    for (const socket of sockets) socket.destroy();
    other.close();
  });

  it('ends at once when it is told to', async () => {
    const stopping = new AbortController();
    const reading = readEndpoint({ address: '127.0.0.1', port: server.port, path: '/never' }, stopping.signal);
    const startedAt = performance.now();
    queueMicrotask(() => stopping.abort());
    await expect(reading).rejects.toThrow('aborted');
    expect(performance.now() - startedAt).toBeLessThan(ENDPOINT_TIMEOUT_MS / 2);
    await waitUntil('no connection', async () => (await server.countConnections()) === 0);
  });
});
