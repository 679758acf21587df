import { randomBytes } from 'node:crypto';
import { DEFAULT_HEARTBEAT_INTERVAL_MS, type Role } from '@flotilla/contracts';
import { agentEntity, insertUser, newId, type Database, type DatabaseSession } from '@flotilla/core-db';
import { createTestDatabase, type TestDatabase } from '@flotilla/core-db/testing';
import { createLogger } from '@flotilla/runtime';
import { composeApi, type Api } from '../compose-api.ts';
import { composeFleet } from '../compose-fleet.ts';
import { listenForTest } from '../http/testing/listen-for-test.ts';
import { hashSecretToken, makeSecretToken } from '../shared/secret-token.ts';
import { makeBusSecrets } from '../setup/make-bus-secrets.ts';
import type { BusAccountKeys } from '../shared/encode-bus-account.ts';
import { callApi, refreshCookieOf, type ApiAnswer, type ApiCall } from './api-caller.ts';
import { createSecretBox } from '../shared/secret-box.ts';

/** A bus that never comes: the API has to work without it. */
const AWAY = { connection: null };

export const TEST_PASSWORD = 'a password for tests';

export interface TestSession {
  readonly userId: string;
  readonly email: string;
  readonly token: string;
  readonly cookie: string;
}

export interface TestApi {
  readonly url: string;
  readonly database: DatabaseSession;
  /** The pool, for what the workers would write. */
  readonly writerDatabase: Database;
  readonly inTransaction: TestDatabase['inTransaction'];
  readonly api: Api;
  /** Moves the API's clock on. */
  advance(ms: number): void;
  call(method: string, path: string, options?: ApiCall): Promise<ApiAnswer>;
  addUser(email: string, role: Role, options?: { readonly mustChangePassword?: boolean }): Promise<string>;
  signIn(email: string, password?: string): Promise<TestSession>;
  /** Registers a node without the ceremony. @returns its API key */
  addAgent(name: string): Promise<string>;
  /** Lines of the log so far, as text. */
  log(): string;
  close(): Promise<void>;
}

export interface TestApiOptions {
  readonly publicUrl?: string;
  /** PostgreSQL server to make the database on; default the one of the test run. */
  readonly serverUrl?: string;
}

/** The real application over HTTP, with a database of its own. Users have `TEST_PASSWORD`. */
export async function startTestApi({
  publicUrl = 'http://core.example:8080',
  serverUrl,
}: TestApiOptions = {}): Promise<TestApi> {
  const { database, session, inTransaction, close } = await createTestDatabase(
    serverUrl === undefined ? {} : { serverUrl },
  );
  const lines: string[] = [];
  const log = createLogger({ name: 'core-api', destination: { write: (line) => void lines.push(line) } });
  const secretBox = createSecretBox(randomBytes(32));
  let offsetMs = 0;
  const now = () => new Date(Date.now() + offsetMs);
  const fleet = composeFleet({
    log,
    database,
    bus: AWAY,
    systemBus: AWAY,
    busKeys: await makeBusKeys(),
    busUrls: [],
    publicUrl,
    heartbeatIntervalMs: DEFAULT_HEARTBEAT_INTERVAL_MS,
    secretBox,
    now,
  });
  const api = composeApi({
    log,
    version: '0.0.0',
    database,
    fleet,
    tokenKey: randomBytes(32),
    publicUrl,
    trustedProxies: ['loopback'],
    readiness: {},
    now,
    checkResponses: true,
  });
  const server = await listenForTest(api.app);
  const call = (method: string, path: string, options?: ApiCall) => callApi(server.url, method, path, options);
  // One hash for all: hashing is slow by design.
  const passwordHash = await api.hashPassword(TEST_PASSWORD);
  return {
    url: server.url,
    database: session,
    writerDatabase: database,
    inTransaction,
    api,
    advance: (ms) => {
      offsetMs += ms;
    },
    call,
    addUser: async (email, role, { mustChangePassword = false } = {}) => {
      const user = await insertUser(session, { email, role, passwordHash, mustChangePassword });
      if (user === null) throw new Error(`${email} is taken`);
      return user.id;
    },
    signIn: async (email, password = TEST_PASSWORD) => {
      const answer = await call('POST', '/api/auth/login', { json: { email, password } });
      if (answer.status !== 200)
        throw new Error(`sign-in of ${email}: ${answer.status} ${JSON.stringify(answer.body)}`);
      const { accessToken, user } = answer.body as { accessToken: string; user: { id: string } };
      return { userId: user.id, email, token: accessToken, cookie: refreshCookieOf(answer) };
    },
    addAgent: async (name) => {
      const id = newId();
      const apiKey = makeSecretToken(`flk_${id.replaceAll('-', '')}`);
      await session.insert(agentEntity, { id, name, apiKeyHash: hashSecretToken(apiKey), version: '0.0.0' });
      return apiKey;
    },
    log: () => lines.join(''),
    close: async () => {
      await server.close();
      api.close();
      await fleet.close();
      await close();
    },
  };
}

async function makeBusKeys(): Promise<BusAccountKeys> {
  const { accountId, operatorSigning, accountSigning } = await makeBusSecrets();
  if (accountId === undefined || operatorSigning === undefined || accountSigning === undefined) {
    throw new Error('the secrets have no keys of the account');
  }
  return { accountId, operatorSigningSeed: operatorSigning, agentSigningSeed: accountSigning };
}
