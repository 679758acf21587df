import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

const DOCKER_SOCKET = '/var/run/docker.sock';

/** Something that can be cut in front of Docker's socket: other tests use the daemon itself. */
export class DockerRelay {
  readonly path: string;
  #server: Server | null = null;
  readonly #sockets = new Set<{ destroy: () => void }>();

  constructor(directory: string) {
    this.path = join(directory, 'docker.sock');
  }

  async start(): Promise<void> {
    this.#server = createServer((client) => {
      const upstream = connect(DOCKER_SOCKET);
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => this.#sockets.delete(socket));
      }
      client.pipe(upstream).pipe(client);
    });
    this.#server.listen(this.path);
    await once(this.#server, 'listening');
  }

  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.close();
    for (const socket of this.#sockets) socket.destroy();
    if (server !== null) await once(server, 'close');
  }
}
