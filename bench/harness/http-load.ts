import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  /** One whole HTTP/1.1 request for each connection. */
  readonly requests: readonly Buffer[];
  /** Requests that connections send back to back before `durationMs` counts. */
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface LoadResult {
  /** Answers with status 200 inside the measured time, per second. */
  readonly perSecond: number;
  readonly latenciesMs: number[];
  /** Answers with another status, and connections that broke. */
  readonly failures: number;
}

const HEADER_END = Buffer.from('\r\n\r\n');
const STATUS_OK = Buffer.from('HTTP/1.1 200 ');

/**
 * Closed-loop load: each connection sends its request, waits for the answer and sends again. Plain sockets and
 * prepared requests keep the client's share of the machine small, since client and server share its cores.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const startsAt = performance.now() + options.warmUpMs;
  const endsAt = startsAt + options.durationMs;
  const latenciesMs: number[] = [];
  let failures = 0;

  await Promise.all(
    options.requests.map((request) =>
      driveConnection(options, request, endsAt, (latencyMs, ok) => {
        const now = performance.now();
        if (!ok) failures += 1;
        else if (now >= startsAt && now <= endsAt) latenciesMs.push(latencyMs);
      }),
    ),
  );
  return { perSecond: (latenciesMs.length / options.durationMs) * 1000, latenciesMs, failures };
}

function driveConnection(
  { host, port }: LoadOptions,
  request: Buffer,
  endsAt: number,
  onAnswer: (latencyMs: number, ok: boolean) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host, port, noDelay: true });
    let received: Buffer = Buffer.alloc(0);
    let sentAt = 0;
    let isDone = false;

    const send = () => {
      sentAt = performance.now();
      socket.write(request);
    };
    const finish = () => {
      isDone = true;
      socket.destroy();
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const length = findAnswerLength(received);
      if (length === null || received.length < length) return;
      onAnswer(performance.now() - sentAt, received.subarray(0, STATUS_OK.length).equals(STATUS_OK));
      received = received.subarray(length);
      if (performance.now() < endsAt) send();
      else finish();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!isDone) onAnswer(0, false);
      resolve();
    });
  });
}

/** Bytes of the first answer in the buffer, head and body; null while its head is incomplete. */
function findAnswerLength(received: Buffer): number | null {
  const headEnd = received.indexOf(HEADER_END);
  if (headEnd === -1) return null;
  const head = received.subarray(0, headEnd).toString('latin1');
  const contentLength = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (contentLength === undefined) throw new Error(`an answer without Content-Length cannot be measured: ${head}`);
  return headEnd + HEADER_END.length + Number(contentLength);
}

/** A whole HTTP/1.1 POST with a JSON body, ready to be written to a socket. */
export function preparePost(path: string, headers: Readonly<Record<string, string>>, body: unknown): Buffer {
  const json = JSON.stringify(body);
  const lines = Object.entries({
    Host: 'core',
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(json)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${json}`);
}
