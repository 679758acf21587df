import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import { CoreUnavailableError } from './core-errors.ts';

const compress = promisify(gzip);

/** Below this a body fits into a packet or two, and compressing it gains nothing. */
const COMPRESS_FROM_BYTES = 2048;
/** A desired state of 5,000 sites has about 10 MB. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20;

export interface JsonClientOptions {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** For connecting, sending and the whole answer together. */
  readonly timeoutMs: number;
}

export interface JsonRequest extends JsonQuery {
  readonly body: unknown;
}

export interface JsonQuery {
  /** Of the answer, unpacked; default 64 MiB. */
  readonly maxAnswerBytes?: number;
  readonly apiKey?: string;
  readonly signal?: AbortSignal;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Undefined when the answer is not JSON. */
  readonly body: unknown;
}

export interface JsonClient {
  /** @throws CoreUnavailableError without an answer in time; the signal's reason when it aborts */
  readonly post: (path: string, request: JsonRequest) => Promise<JsonAnswer>;
  /** @throws as `post` does */
  readonly get: (path: string, query: JsonQuery) => Promise<JsonAnswer>;
  /** Closes idle connections. */
  readonly close: () => void;
}

interface Exchange {
  readonly headers: Record<string, string>;
  /** Null for GET. */
  readonly payload: Buffer | null;
  readonly maxAnswerBytes: number;
}

/**
 * JSON over kept connections. On node:http, because its connections can be closed at shutdown; those of the built-in
 * fetch cannot, and it costs more memory.
 */
export function createJsonClient({ baseUrl, timeoutMs }: JsonClientOptions): JsonClient {
  const isTls = baseUrl.startsWith('https:');
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });

  const exchange = (url: URL, { headers, payload, maxAnswerBytes }: Exchange, signal: AbortSignal) =>
    new Promise<JsonAnswer>((resolve, reject) => {
      const open = isTls ? httpsRequest : httpRequest;
      const method = payload === null ? 'GET' : 'POST';
      const request = open(url, { method, agent, headers, signal }, (response) => {
        readAnswer(response, maxAnswerBytes).then(resolve, reject);
      });
      request.on('error', (error) => {
        // The server closed an idle connection just as it was used again: nothing of the request was read.
        const isStale = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
        if (isStale && !signal.aborted)
          exchange(url, { headers, payload, maxAnswerBytes }, signal).then(resolve, reject);
        else reject(error);
      });
      request.end(payload ?? undefined);
    });

  const ask = (
    path: string,
    { apiKey, signal, maxAnswerBytes = MAX_ANSWER_BYTES }: JsonQuery,
    { headers, payload }: Omit<Exchange, 'maxAnswerBytes'>,
  ) => {
    const url = new URL(`${baseUrl}${path}`);
    const authorization = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    return withDeadline(timeoutMs, signal, async (deadline) => {
      try {
        const all = { 'accept-encoding': 'gzip', ...headers, ...authorization };
        return await exchange(url, { headers: all, payload, maxAnswerBytes }, deadline);
      } catch (error) {
        if (signal?.aborted === true) throw signal.reason;
        const reason = deadline.aborted ? `no answer within ${timeoutMs} ms` : describeError(error);
        throw new CoreUnavailableError(`cannot reach the Core at ${baseUrl}: ${reason}`, { cause: error });
      }
    });
  };

  return {
    post: async (path, { body, ...query }) => {
      const plain = Buffer.from(JSON.stringify(body));
      const isCompressed = plain.length >= COMPRESS_FROM_BYTES;
      const payload = isCompressed ? await compress(plain) : plain;
      const headers = {
        'content-type': 'application/json',
        'content-length': String(payload.length),
        ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
      };
      return ask(path, query, { headers, payload });
    },
    get: (path, query) => ask(path, query, { headers: {}, payload: null }),
    close: () => agent.destroy(),
  };
}

/** Runs work with a signal that aborts when `outer` does or the time is over; leaves no timer or listener behind. */
async function withDeadline<Value>(
  timeoutMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  outer?.throwIfAborted();
  const abort = new AbortController();
  const end = (): void => abort.abort();
  const timer = setTimeout(end, timeoutMs);
  outer?.addEventListener('abort', end, { once: true });
  try {
    return await work(abort.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', end);
  }
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<JsonAnswer> {
  const { statusCode: status = 0, headers } = response;
  const text = await readText(headers['content-encoding'] === 'gzip' ? gunzip(response) : response, maxBytes);
  const isJson = /^application\/([\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '');
  return { status, headers, body: isJson ? JSON.parse(text) : undefined };
}

function gunzip(response: IncomingMessage): Readable {
  const plain = createGunzip();
  response.once('error', (error) => plain.destroy(error));
  return response.pipe(plain);
}

async function readText(stream: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the stream.
    if (bytes > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A refused connection to a name with several addresses has an empty message and the reasons inside. */
function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describeError).join(', ');
  return error instanceof Error ? error.message : String(error);
}
