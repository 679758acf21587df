import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';

export interface TestServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves an application on a free loopback port. */
export async function listenForTest(application: RequestListener): Promise<TestServer> {
  const server = createServer(application);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
