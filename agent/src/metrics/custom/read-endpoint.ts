import { request, type IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** For the whole of it, from connecting to the last byte. */
export const ENDPOINT_TIMEOUT_MS = 2000;
export const MAX_ANSWER_BYTES = 2 ** 20;

/** Prometheus's text first: of an endpoint that speaks both it has the simpler names. */
const ACCEPTED = 'text/plain;version=0.0.4, application/openmetrics-text;q=0.8, application/json;q=0.7, */*;q=0.1';
const BYTE_ORDER_MARK = /^\ufeff/;
const MAX_REASON_LENGTH = 200;

/** Why an endpoint tells nothing, in words without anything that it sent. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

export interface EndpointAnswer {
  readonly text: string;
  /** Empty when it names none. */
  readonly contentType: string;
}

/**
 * Asks an address, which is never looked up, for a path. Redirects are not followed, proxies not used, and nothing is
 * unpacked, so that what is counted is what there is. Nothing stays open afterwards.
 * @throws EndpointError for whatever is no answer of 200, in time and within the bound
 */
export async function readEndpoint(
  { address, port, path }: { readonly address: string; readonly port: number; readonly path: string },
  signal: AbortSignal,
): Promise<EndpointAnswer> {
  if (isIP(address) === 0) throw new EndpointError('has no address');
  const timeout = AbortSignal.timeout(ENDPOINT_TIMEOUT_MS);
  const bounded = AbortSignal.any([signal, timeout]);
  try {
    const response = await ask({ address, port, path }, bounded);
    checkHead(response);
    return { text: await readText(response), contentType: response.headers['content-type'] ?? '' };
  } catch (error) {
    if (error instanceof EndpointError) throw error;
    if (timeout.aborted) throw new EndpointError(`has not answered in full within ${ENDPOINT_TIMEOUT_MS} ms`);
    throw new EndpointError(describe(error));
  }
}

function ask(
  { address, port, path }: { readonly address: string; readonly port: number; readonly path: string },
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Without an agent of its own the request would use the global one, which may keep connections and follow NODE_USE_ENV_PROXY.
    const asking = request({
      agent: false,
      host: address,
      port,
      path,
      signal,
      headers: { accept: ACCEPTED, 'accept-encoding': 'identity', connection: 'close', 'user-agent': 'flotilla-agent' },
    });
    asking.once('response', resolve);
    asking.on('error', reject);
    asking.end();
  });
}

function checkHead(response: IncomingMessage): void {
  const { statusCode = 0, headers } = response;
  const encoding = headers['content-encoding'] ?? 'identity';
  const problem =
    statusCode >= 300 && statusCode < 400
      ? `answers ${statusCode}, and redirects are not followed`
      : statusCode !== 200
        ? `answers ${statusCode}`
        : encoding.toLowerCase() !== 'identity'
          ? 'answers packed, although it was asked not to'
          : Number(headers['content-length'] ?? 0) > MAX_ANSWER_BYTES
            ? tooLarge
            : null;
  if (problem === null) return;
  response.destroy();
  throw new EndpointError(problem);
}

const tooLarge = `answers more than ${MAX_ANSWER_BYTES} bytes`;

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop ends the connection.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new EndpointError(tooLarge);
    chunks.push(chunk);
  }
  // A TextDecoder would do the same, and load Unicode's tables.
  return Buffer.concat(chunks).toString('utf8').replace(BYTE_ORDER_MARK, '');
}

function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return 'refuses connections';
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`.slice(0, MAX_REASON_LENGTH);
}
