import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Backend {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** A small HTTP server on loopback that answers everything with `text`: what a customer's site is to these tests. */
export async function startBackend(
  text: string,
  respond: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end(text),
): Promise<Backend> {
  const server = createServer(respond).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the backend has no port');
  return {
    port: address.port,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
