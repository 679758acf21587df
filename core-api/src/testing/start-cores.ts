import { randomBytes } from 'node:crypto';
import {
  DEFAULT_HEARTBEAT_INTERVAL_MS,
  type HeartbeatRequest,
  type HeartbeatResponse,
  type Service,
  type Task,
  type TaskResult,
} from '@flotilla/contracts';
import { agentEntity, insertUser, newId, queryRows, type DatabaseSession } from '@flotilla/core-db';
import { createTestDatabase } from '@flotilla/core-db/testing';
import { createLogger } from '@flotilla/runtime';
import { composeApi } from '../compose-api.ts';
import { composeFleet, type FleetDeps } from '../compose-fleet.ts';
import { listenForTest } from '../http/testing/listen-for-test.ts';
import { makeBusSecrets } from '../setup/make-bus-secrets.ts';
import { hashSecretToken, makeSecretToken } from '../shared/secret-token.ts';
import { callApi, type ApiAnswer } from './api-caller.ts';
import { createSecretBox } from '../shared/secret-box.ts';
import { readDesiredState } from './read-desired-state.ts';

const PASSWORD = 'a password for tests';
const AWAY = { connection: null };

/** A heartbeat as any program might send it. */
export type Beat = Partial<Record<keyof HeartbeatRequest | 'agentId', unknown>>;

/** An agent as the Core sees one: a key, and what it sends. */
export interface SimulatedAgent {
  readonly id: string;
  readonly apiKey: string;
  /** One heartbeat through one of the Cores. @throws when it is not answered with 200 */
  readonly beat: (body?: Beat, core?: number) => Promise<HeartbeatResponse>;
  /** The same, with whatever comes back. */
  readonly tryBeat: (body?: Beat, core?: number) => Promise<ApiAnswer>;
}

export interface TestCores {
  readonly urls: readonly string[];
  readonly database: DatabaseSession;
  query<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  addAgent(name: string): Promise<SimulatedAgent>;
  /** As an administrator, through one of the Cores. */
  call(method: string, path: string, json?: unknown, options?: { ifMatch?: string; core?: number }): Promise<ApiAnswer>;
  /** Saves a new service. @throws when it is not answered with 201 */
  addService(agentId: string, change?: Readonly<Record<string, unknown>>, core?: number): Promise<Service>;
  close(): Promise<void>;
}

/** Several core-api applications on one database, as behind a load balancer; without a bus it is away. */
export async function startCores(count = 2, bus: FleetDeps['bus'] = AWAY): Promise<TestCores> {
  const test = await createTestDatabase({ poolSize: 10 });
  const { session, database } = test;
  const secrets = await makeBusSecrets();
  const busKeys = {
    accountId: secrets.accountId ?? '',
    operatorSigningSeed: secrets.operatorSigning ?? '',
    agentSigningSeed: secrets.accountSigning ?? '',
  };
  const tokenKey = randomBytes(32);
  const secretBox = createSecretBox(randomBytes(32));
  const log = createLogger({ name: 'core-api', level: 'fatal' });
  const now = () => new Date();
  const cores = await Promise.all(
    Array.from({ length: count }, async () => {
      const fleet = composeFleet({
        log,
        database,
        bus,
        systemBus: AWAY,
        busKeys,
        busUrls: ['nats://core.example:4222'],
        publicUrl: 'http://core.example:8080',
        heartbeatIntervalMs: DEFAULT_HEARTBEAT_INTERVAL_MS,
        secretBox,
        now,
      });
      const api = composeApi({
        log,
        version: '0.0.0',
        database,
        fleet,
        tokenKey,
        publicUrl: 'http://core.example:8080',
        trustedProxies: ['loopback'],
        readiness: {},
        now,
        checkResponses: true,
      });
      return { fleet, api, server: await listenForTest(api.app) };
    }),
  );
  const urls = cores.map(({ server }) => server.url);
  const urlOf = (core: number) => urls[core % urls.length] ?? '';

  const email = 'admin@example.com';
  const passwordHash = (await cores[0]?.api.hashPassword(PASSWORD)) ?? '';
  await insertUser(session, { email, role: 'admin', passwordHash, mustChangePassword: false });
  const login = await callApi(urlOf(0), 'POST', '/api/auth/login', { json: { email, password: PASSWORD } });
  const { accessToken } = login.body as { accessToken: string };

  const call: TestCores['call'] = (method, path, json, { ifMatch, core = 0 } = {}) =>
    callApi(urlOf(core), method, path, {
      token: accessToken,
      json,
      ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
    });

  return {
    urls,
    database: session,
    query: (sql, parameters) => queryRows(session, sql, parameters),
    call,
    addAgent: async (name) => {
      const id = newId();
      const apiKey = makeSecretToken(`flk_${id.replaceAll('-', '')}`);
      await session.insert(agentEntity, { id, name, apiKeyHash: hashSecretToken(apiKey), version: '0.0.0' });
      const tryBeat: SimulatedAgent['tryBeat'] = (body = {}, core = 0) =>
        callApi(urlOf(core), 'POST', '/api/heartbeat', { token: apiKey, json: { agentVersion: '1.0.0', ...body } });
      return {
        id,
        apiKey,
        tryBeat,
        beat: async (body, core) => {
          const answer = await tryBeat(body, core);
          if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
          return answer.body as HeartbeatResponse;
        },
      };
    },
    addService: async (agentId, change = {}, core = 0) => {
      const name = `service-${newId()}`;
      const target = { host: '127.0.0.1', port: 3000 };
      const body = { name, domains: [`${name}.example.com`], agentIds: [agentId], target, ...change };
      const answer = await call('POST', '/api/services', body, { core });
      if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body as Service;
    },
    close: async () => {
      for (const { server, api, fleet } of cores) {
        await server.close();
        api.close();
        await fleet.close();
      }
      await test.close();
    },
  };
}

type Site = { readonly serviceId: string; readonly serviceRevision: number };

/** What an agent says after it has put a desired state in place, but for some of its sites. */
export function reportApplied(
  task: Task | undefined,
  rejected: readonly { readonly id: string; readonly reason: string }[] = [],
): TaskResult {
  const desired = readDesiredState(task);
  if (task === undefined || desired === undefined) throw new Error('there is no task to report');
  const { revision, sites } = desired;
  const rejectedSites = rejected.flatMap(({ id, reason }) =>
    sites
      .filter((site: Site) => site.serviceId === id)
      .map(({ serviceId, serviceRevision }: Site) => ({ serviceId, serviceRevision, reason })),
  );
  return {
    taskId: task.id,
    status: 'succeeded',
    type: 'UPDATE_NGINX',
    result: { outcome: 'applied', revision, rejectedSites },
  };
}

/** What an agent says when nginx refused all of it. */
export function reportRejected(task: Task | undefined, reason: string): TaskResult {
  const desired = readDesiredState(task);
  if (task === undefined || desired === undefined) throw new Error('there is no task to report');
  const { revision } = desired;
  return {
    taskId: task.id,
    status: 'succeeded',
    type: 'UPDATE_NGINX',
    result: { outcome: 'rejected', revision, reason, rejectedSites: [] },
  };
}
