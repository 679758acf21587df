import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A real HTTP server on the loopback address, in place of an application in a container. */
export class MetricsServer {
  readonly #server: Server;
  /** Paths that were asked for, in order. */
  readonly asked: string[] = [];

  private constructor(routes: Readonly<Record<string, RequestListener>>) {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      this.asked.push(path);
      const answer = routes[path];
      if (answer === undefined) response.writeHead(404).end();
      else answer(request, response);
    });
  }

  static async start(routes: Readonly<Record<string, RequestListener>>): Promise<MetricsServer> {
    const server = new MetricsServer(routes);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async countConnections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Answers with a text of a type, whole. */
export function text(body: string, type = 'text/plain'): RequestListener {
  return (_, response) => void response.writeHead(200, { 'content-type': type }).end(body);
}
