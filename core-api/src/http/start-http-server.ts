import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

/** Longer than nginx keeps an idle connection to its upstream (60 s): the side that sends must be the one that closes. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** For all of a request to arrive; slow senders hold no connection for longer. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** What requests in progress get when the process stops. */
const DRAIN_MS = 2000;

export interface HttpServer {
  readonly port: number;
  /** Takes no new requests, lets those in progress end within 2 s, then cuts the rest. */
  readonly close: () => Promise<void>;
}

/** @throws when the address cannot be listened on */
export async function startHttpServer(
  application: RequestListener,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS },
    application,
  );
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return { port: address.port, close: () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  // Also closes the idle connections.
  server.close();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(cut);
}
