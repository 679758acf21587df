import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import {
  fetchErrorPage,
  findFieldProblems,
  heartbeat,
  heartbeatRequest,
  MAX_BODY_BYTES,
  PROBLEM_CONTENT_TYPE,
  registerAgent,
  renewBusAccess,
  type BusAccess,
  type HeartbeatRequest,
} from '@flotilla/contracts';

export const AGENT_ID = '0198a1b2-0000-7000-8000-000000000001';
export const API_KEY = 'flk_0198a1b2000070008000000000000001_secret';
export const JOIN_TOKEN = 'flj_good';

interface Refusal {
  readonly status: number;
  readonly detail: string;
}

/**
 * A small Core that speaks the contracts: bodies are checked with their schemas and bounds, so what it accepts the real
 * one accepts. It can be told to refuse, to hang and to go away.
 */
export class CoreStandIn {
  readonly heartbeats: HeartbeatRequest[] = [];
  readonly registrations: unknown[] = [];
  /** Bodies that arrived compressed. */
  compressedBodies = 0;
  /** Tasks for the next heartbeat; as unchecked as a newer Core's would be. */
  tasks: unknown[] = [];
  heartbeatIntervalMs = 1000;
  /** How much its clock is ahead of this host's. */
  clockAheadMs = 0;
  resend = false;
  /** Set: heartbeats are refused with it. */
  refusal: Refusal | null = null;
  /** Set: a proxy in front of the Core answers instead of it. */
  foreignStatus: number | null = null;
  isHanging = false;
  bus: BusAccess | null = null;
  renew: (busPublicKey: string) => Promise<BusAccess | Refusal> = () =>
    Promise.resolve({ status: 503, detail: 'there is no bus' });
  renewals = 0;
  /** Error pages by hash. */
  pages = new Map<string, string>();
  /** Hashes that were asked for, in order. */
  readonly pageRequests: string[] = [];
  /** Set: pages are refused with it. */
  pageRefusal: Refusal | null = null;
  #usedTokens = new Set<string>();
  #server: Server | null = null;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts, or starts again on the same port. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Goes away; connections are cut. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.close();
    server.closeAllConnections();
    if (server.listening) await once(server, 'close');
  }

  /** Connections that agents hold. */
  countConnections(): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#server === null) resolve(0);
      else this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  async waitForHeartbeat(isWanted: (beat: HeartbeatRequest) => boolean, timeoutMs = 5000): Promise<HeartbeatRequest> {
    for (const endsAt = Date.now() + timeoutMs; Date.now() < endsAt; await delay(5)) {
      const found = this.heartbeats.find(isWanted);
      if (found !== undefined) return found;
    }
    throw new Error(`no such heartbeat within ${timeoutMs} ms`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') return this.#page(request, response);
    const body = await this.#readBody(request);
    if (body === null) return sendProblem(response, { status: 413, detail: 'the body is too large' });
    switch (request.url) {
      case registerAgent.path:
        return this.#register(body, response);
      case heartbeat.path:
        return this.#heartbeat(request, body, response);
      case renewBusAccess.path:
        return this.#renew(body, response);
      default:
        return sendProblem(response, { status: 404, detail: 'no such route' });
    }
  }

  #page({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const hash = url.slice(fetchErrorPage.path.replace(':hash', '').length);
    this.pageRequests.push(hash);
    if (this.isHanging) return;
    if (headers.authorization !== `Bearer ${API_KEY}`) {
      return sendProblem(response, { status: 401, detail: 'This API key is unknown.' });
    }
    const html = this.pages.get(hash);
    if (this.pageRefusal !== null) return sendProblem(response, this.pageRefusal);
    if (html === undefined) return sendProblem(response, { status: 404, detail: 'no such page' });
    return send(response, 200, { html });
  }

  async #readBody(request: IncomingMessage): Promise<unknown> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const isCompressed = request.headers['content-encoding'] === 'gzip';
    if (isCompressed) this.compressedBodies += 1;
    const plain = isCompressed ? gunzipSync(Buffer.concat(chunks)) : Buffer.concat(chunks);
    return plain.length > MAX_BODY_BYTES ? null : JSON.parse(plain.toString('utf8'));
  }

  #register(body: unknown, response: ServerResponse): void {
    const { joinToken, ...rest } = registerAgent.body.parse(body);
    if (joinToken !== JOIN_TOKEN) return sendProblem(response, { status: 401, detail: 'the join token is unknown' });
    if (this.#usedTokens.has(joinToken)) {
      return sendProblem(response, { status: 401, detail: 'the join token was used already' });
    }
    this.#usedTokens.add(joinToken);
    this.registrations.push(rest);
    const { heartbeatIntervalMs, bus } = this;
    send(response, 201, { agentId: AGENT_ID, apiKey: API_KEY, heartbeatIntervalMs, bus });
  }

  #heartbeat(request: IncomingMessage, body: unknown, response: ServerResponse): void {
    if (this.isHanging) return;
    if (this.foreignStatus !== null) return send(response, this.foreignStatus, '<html>a proxy</html>', 'text/html');
    if (this.refusal !== null) return sendProblem(response, this.refusal);
    if (request.headers.authorization !== `Bearer ${API_KEY}`) {
      return sendProblem(response, { status: 401, detail: 'This API key is unknown.' });
    }
    const parsed = heartbeatRequest.safeParse(body);
    if (!parsed.success) {
      const words = findFieldProblems(parsed.error).map(({ field, message }) => `${field} ${message}`);
      return sendProblem(response, { status: 400, detail: words.join('; ') });
    }
    this.heartbeats.push(parsed.data);
    const { heartbeatIntervalMs, resend, tasks } = this;
    const serverTime = new Date(Date.now() + this.clockAheadMs).toISOString();
    this.tasks = [];
    this.resend = false;
    send(response, 200, { tasks, heartbeatIntervalMs, resend, serverTime });
  }

  async #renew(body: unknown, response: ServerResponse): Promise<void> {
    this.renewals += 1;
    const answer = await this.renew(renewBusAccess.body.parse(body).busPublicKey);
    if ('status' in answer) sendProblem(response, answer);
    else send(response, 200, answer);
  }
}

function sendProblem(response: ServerResponse, { status, detail }: Refusal): void {
  send(response, status, { type: 'about:blank', title: 'refused', status, detail }, PROBLEM_CONTENT_TYPE);
}

function send(response: ServerResponse, status: number, body: unknown, contentType = 'application/json'): void {
  response.writeHead(status, { 'content-type': contentType });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
