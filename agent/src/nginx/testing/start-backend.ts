import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';

export interface Backend extends AsyncDisposable {
  readonly port: number;
}

/** What the backend answers: what it was asked. */
export interface Echo {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** An HTTP server that answers with what it got, to `/status/NNN` with that status, and echoes WebSocket upgrades (RFC 6455 §4.2.2). */
export async function startBackend(name: string): Promise<Backend> {
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    request.resume();
    request.on('end', () => {
      response.statusCode = Number(/^\/status\/(\d{3})$/.exec(url)?.[1] ?? 200);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name, method, url, headers } satisfies Echo));
    });
  });
  // The server forgets a connection that was upgraded.
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    upgraded.add(socket);
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('data', (data) => socket.write(data));
    socket.on('error', () => socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }),
  };
}
