import { connect } from 'node:net';

/** Requests that wait for their answers on one connection. */
const DEPTH = 16;
/** nginx ends a connection after 1,000 requests. */
const MAX_PER_CONNECTION = 900;
const ANSWER = Buffer.from('HTTP/1.1 ');
const STATUS_DIGITS = 3;
const BOUND_MS = 120_000;

export interface LoadOptions {
  readonly port: number;
  readonly domain: string;
  readonly connections: number;
  /** Each request is another one's, and begins anew when there are no more. */
  readonly clients: readonly string[];
  /** Of all connections together. */
  readonly requests: number;
}

/**
 * Sends requests over kept connections, several at a time on each, so that this process takes less of the machine's
 * processors than one that waits for each answer. `X-Forwarded-For` names another client in each.
 * @returns milliseconds until all were answered. @throws Error when one was not answered with 200
 */
export async function runPipelinedLoad({ connections, requests, ...options }: LoadOptions): Promise<number> {
  const each = Math.ceil(requests / connections);
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, number) => {
      for (let done = 0; done < each; done += MAX_PER_CONNECTION) {
        await driveConnection(options, number * each + done, Math.min(MAX_PER_CONNECTION, each - done));
      }
    }),
  );
  return performance.now() - startedAt;
}

function driveConnection(
  { port, domain, clients }: Omit<LoadOptions, 'connections' | 'requests'>,
  firstClient: number,
  requests: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let sent = 0;
    let answered = 0;
    /** The end of what came before: an answer's first line may come in two pieces. */
    let rest: Buffer = Buffer.alloc(0);

    const send = (): void => {
      let batch = '';
      for (let open = sent - answered; open < DEPTH && sent < requests; open += 1) {
        const client = clients[(firstClient + sent) % clients.length] ?? '';
        batch += `GET / HTTP/1.1\r\nHost: ${domain}\r\nX-Forwarded-For: ${client}\r\n\r\n`;
        sent += 1;
      }
      if (batch !== '') socket.write(batch);
    };
    socket.setTimeout(BOUND_MS, () => socket.destroy(new Error(`port ${port} did not answer within ${BOUND_MS} ms`)));
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let at = text.indexOf(ANSWER); at !== -1; at = text.indexOf(ANSWER, from)) {
        const end = at + ANSWER.length + STATUS_DIGITS;
        if (end > text.length) break;
        const status = text.toString('latin1', end - STATUS_DIGITS, end);
        if (status !== '200') socket.destroy(new Error(`port ${port} answered ${status}`));
        answered += 1;
        from = end;
      }
      rest = text.subarray(Math.max(from, text.length - ANSWER.length - STATUS_DIGITS + 1));
      if (answered === requests) socket.end();
      else if (sent - answered <= DEPTH / 2) send();
    });
    socket.on('error', reject);
    socket.on('close', () => (answered === requests ? resolve() : reject(new Error(`port ${port} closed too early`))));
  });
}
