import { agentInboxPrefix, type BusAccess } from '@flotilla/contracts';
import { connectBus, createLogger, type BusConnection } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { encodeAccount, encodeOperator, encodeUser, newScopedSigner, type UserPermissionsLimits } from '@nats-io/jwt';
import { createAccount, createOperator, createUser } from '@nats-io/nkeys';

const UNLIMITED = -1;
const logger = createLogger({ name: 'test', level: 'fatal' });

/** A real nats-server in JWT mode, with what the Core does there: it signs agents, refuses them and wakes them. */
export class AgentBus {
  readonly server: NatsServer;
  readonly #operator = createOperator();
  readonly #system = createAccount();
  readonly #account = createAccount();
  readonly #agentSigner = createAccount();
  readonly #refusedAt: Record<string, number> = {};
  readonly #connections: BusConnection[] = [];

  private constructor(server: NatsServer) {
    this.server = server;
  }

  static async start(): Promise<AgentBus> {
    const bus = new AgentBus(await NatsServer.create());
    await bus.restart();
    return bus;
  }

  /** Starts again, with the keys refused that were named since. */
  async restart(): Promise<void> {
    await this.server.stop();
    await this.server.start(await this.#renderConfig());
  }

  async stop(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
    await this.server.destroy();
  }

  /** Access for an agent, as the Core's answer has it. */
  async admit(agentId: string, publicKey: string): Promise<BusAccess> {
    const scope = { signer: this.#agentSigner, scopedUser: true };
    const jwt = await encodeUser(agentId, publicKey, this.#account.getPublicKey(), {}, scope);
    return { urls: [this.server.url], jwt, inboxPrefix: agentInboxPrefix(agentId) };
  }

  /** From the next `restart` on. */
  refuse(publicKey: string): void {
    // Of JWTs issued until then; those of this second too.
    this.#refusedAt[publicKey] = Math.floor(Date.now() / 1000) + 1;
  }

  async connectAsCore(): Promise<BusConnection> {
    const user = createUser();
    const jwt = await encodeUser('core', user, this.#account);
    const credentials = { jwt, seed: new TextDecoder().decode(user.getSeed()) };
    const options = { servers: [this.server.url], credentials, name: 'core', logger, maxReconnectDelayMs: 100 };
    const connection = await connectBus(options);
    this.#connections.push(connection);
    return connection;
  }

  async #renderConfig(): Promise<string> {
    const [operator, system, account] = [this.#operator, this.#system, this.#account];
    const systemId = system.getPublicKey();
    const limits = { subs: UNLIMITED, data: UNLIMITED, payload: UNLIMITED, conn: UNLIMITED, leaf: UNLIMITED };
    const all = { ...limits, imports: UNLIMITED, exports: UNLIMITED, wildcards: true };
    const template: Partial<UserPermissionsLimits> = {
      pub: { allow: ['telemetry.*.*.{{name()}}', 'agents.{{name()}}.presence'] },
      sub: { allow: ['agents.{{name()}}.wake', '_INBOX.{{name()}}.>'] },
      subs: UNLIMITED,
      data: UNLIMITED,
      payload: UNLIMITED,
      allowed_connection_types: ['STANDARD', 'WEBSOCKET'],
    };
    // A missing limit means 0, not none.
    const storage = { mem_storage: UNLIMITED, disk_storage: UNLIMITED, streams: UNLIMITED, consumer: UNLIMITED };
    const claims = {
      limits: { ...all, ...storage },
      signing_keys: [newScopedSigner(this.#agentSigner, 'agent', template)],
      revocations: this.#refusedAt,
    };
    const { place } = this.server;
    return `listen: 127.0.0.1:${place.port}
jetstream { store_dir: ${JSON.stringify(`${place.dir}/store`)} }
websocket { listen: "127.0.0.1:${place.webSocketPort}", no_tls: true }
operator: ${await encodeOperator('test', operator, { system_account: systemId })}
system_account: ${systemId}
resolver: MEMORY
resolver_preload: {
  ${systemId}: ${await encodeAccount('system', system, { limits: all }, { signer: operator })}
  ${account.getPublicKey()}: ${await encodeAccount('fleet', account, claims, { signer: operator })}
}
`;
  }
}
