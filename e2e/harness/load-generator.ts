import { Agent, request } from 'node:http';

export interface LoadReport {
  readonly requests: number;
  /** Requests on a kept connection that nginx closed in that moment; sent once more, as HTTP clients do (RFC 9112, 9.3.1). */
  readonly retries: number;
  /** What went wrong, by how often: statuses other than 200, broken connections, time-outs. */
  readonly failures: Readonly<Record<string, number>>;
  /** Bodies of the last second's answers, each once. */
  readonly recentBodies: readonly string[];
}

const TICK_MS = 10;
const MAX_CONNECTIONS = 64;
const TIMEOUT_MS = 15_000;

/**
 * Requests to one host name through an nginx on loopback, so many a second whether they are answered or not (open loop), on
 * kept connections.
 */
export class LoadGenerator {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  readonly #timer: NodeJS.Timeout;
  readonly #open = new Set<Promise<void>>();
  readonly #used = new WeakSet<object>();
  readonly #failures = new Map<string, number>();
  readonly #bodies = new Map<string, number>();
  readonly #target: { readonly port: number; readonly host: string };
  #ratePerSecond: number;
  #due = 0;
  #lastTickAt = performance.now();
  #requests = 0;
  #retries = 0;

  constructor(target: { readonly port: number; readonly host: string }, ratePerSecond: number) {
    this.#target = target;
    this.#ratePerSecond = ratePerSecond;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  setRate(ratePerSecond: number): void {
    this.#ratePerSecond = ratePerSecond;
  }

  get report(): LoadReport {
    const since = performance.now() - 1000;
    return {
      requests: this.#requests,
      retries: this.#retries,
      failures: Object.fromEntries(this.#failures),
      recentBodies: [...this.#bodies].filter(([, at]) => at >= since).map(([body]) => body),
    };
  }

  /** Sends no more, and waits for the answers that are still to come. */
  async stop(): Promise<LoadReport> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
    return this.report;
  }

  #tick(): void {
    const now = performance.now();
    this.#due += ((now - this.#lastTickAt) / 1000) * this.#ratePerSecond;
    this.#lastTickAt = now;
    for (; this.#due >= 1; this.#due -= 1) {
      this.#requests += 1;
      const answer = this.#send().finally(() => this.#open.delete(answer));
      this.#open.add(answer);
    }
  }

  async #send(): Promise<void> {
    let problem = await this.#ask(this.#agent);
    if (problem === STALE) {
      this.#retries += 1;
      // On a connection of its own: the others that are kept may be as stale.
      problem = await this.#ask(false);
    }
    if (problem !== null) this.#failures.set(problem, (this.#failures.get(problem) ?? 0) + 1);
  }

  /** What went wrong, or null. Never rejects. */
  #ask(agent: Agent | false): Promise<string | null> {
    const { promise, resolve } = Promise.withResolvers<string | null>();
    const { port, host } = this.#target;
    const asking = request({ host: '127.0.0.1', port, agent, headers: { host }, timeout: TIMEOUT_MS });
    asking.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', (error) => resolve(error.message));
      response.on('end', () => {
        this.#bodies.set(body, performance.now());
        resolve(response.statusCode === 200 ? null : `status ${response.statusCode}`);
      });
    });
    let isKept = false;
    asking.on('socket', (socket) => {
      // `reusedSocket` does not count those that a waiting request got right after another's answer.
      isKept = this.#used.has(socket);
      this.#used.add(socket);
    });
    asking.on('timeout', () => asking.destroy(new Error('no answer in time')));
    asking.on('error', (error) => resolve(isKept && isReset(error) ? STALE : error.message));
    asking.end();
    return promise;
  }
}

const STALE = 'idle connection reset';

function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
