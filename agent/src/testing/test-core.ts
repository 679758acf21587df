import {
  heartbeat,
  heartbeatRequest,
  registerAgent,
  type HeartbeatRequest,
  type HeartbeatResponse,
} from '@flotilla/contracts';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { waitFor } from './wait-for.ts';

const INTERVAL_MS = 1000;

/**
 * The Core's side of the agent's two routes over real HTTP, with the schemas of the contracts and nothing behind them:
 * a test decides what is answered. Its port stays the same when it goes away and comes back.
 */
export class TestCore implements AsyncDisposable {
  readonly agentId = randomUUID();
  readonly apiKey = `flk_${this.agentId.replaceAll('-', '')}_${'k'.repeat(43)}`;
  readonly beats: HeartbeatRequest[] = [];
  /** What is answered instead of 200; null for none. */
  refusal: { readonly status: number; readonly detail: string } | null = null;
  /** Whether the next answer asks for everything again. */
  resend = false;
  registrations = 0;
  /** Tasks of the next answer, as they travel: a test may hand out what no schema allows. */
  #tasks: readonly object[] = [];
  #port = 0;
  #server = createServer();

  static async start(): Promise<TestCore> {
    const core = new TestCore();
    await core.listen();
    return core;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  deliver(...tasks: readonly object[]): void {
    this.#tasks = tasks;
  }

  /** The first heartbeat from now on, or from the given one on, that the test waits for. */
  waitForBeat(what: string, isWanted: (beat: HeartbeatRequest) => boolean, from = 0): Promise<HeartbeatRequest> {
    return waitFor(what, () => this.beats.slice(from).find(isWanted));
  }

  async listen(): Promise<void> {
    this.#server = createServer((request, response) => void this.#handle(request, response));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Goes away, with all connections. */
  async vanish(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vanish();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request);
    if (this.refusal !== null) {
      const { status, detail } = this.refusal;
      send(response, status, { type: 'about:blank', title: 'Refused', status, detail }, 'application/problem+json');
    } else if (request.url === registerAgent.path) {
      registerAgent.body.parse(body);
      this.registrations += 1;
      const { agentId, apiKey } = this;
      send(response, 201, { agentId, apiKey, heartbeatIntervalMs: INTERVAL_MS, bus: null });
    } else if (request.url === heartbeat.path && request.headers.authorization === `Bearer ${this.apiKey}`) {
      this.beats.push(heartbeatRequest.parse(body));
      send(response, 200, this.#answer());
    } else {
      send(response, 404, {});
    }
  }

  #answer(): Omit<HeartbeatResponse, 'tasks'> & { tasks: readonly object[] } {
    const { resend } = this;
    const tasks = this.#tasks;
    this.resend = false;
    this.#tasks = [];
    return { tasks, heartbeatIntervalMs: INTERVAL_MS, serverTime: new Date().toISOString(), resend };
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
  return JSON.parse(plain.toString());
}

function send(response: ServerResponse, status: number, body: object, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type });
  response.end(JSON.stringify(body));
}
