export interface NatsConfigInput {
  readonly host: string;
  readonly port: number;
  readonly webSocketHost: string;
  readonly webSocketPort: number;
  readonly monitorPort: number;
  /** Folder for streams and account JWTs. */
  readonly storeDir: string;
  /** How long written messages may stay in the page cache; servers before 2.10 do not know it. */
  readonly syncInterval: string | null;
  readonly operatorJwt: string;
  readonly systemAccountId: string;
  readonly systemAccountJwt: string;
  readonly accountId: string;
  readonly accountJwt: string;
}

/** Heartbeats carry at most this much; JetStream messages have their own, smaller bounds. */
const MAX_PAYLOAD_BYTES = 1_048_576;

/**
 * Streams reserve their `maxBytes` at creation. This is the ceiling of all reservations, not disk in use; without it the
 * server takes three quarters of the free disk and refuses streams on a small one.
 */
const MAX_FILE_STORE = '64GB';

/** The nats-server configuration in decentralised JWT mode, for servers from 2.9 on. */
export function renderNatsConfig(input: NatsConfigInput): string {
  return `# Written by init-secrets; changes are lost.
server_name: flotilla
listen: ${quote(`${input.host}:${input.port}`)}
http: ${quote(`127.0.0.1:${input.monitorPort}`)}
max_payload: ${MAX_PAYLOAD_BYTES}
write_deadline: "10s"
ping_interval: "20s"
lame_duck_duration: "30s"

jetstream {
  store_dir: ${quote(input.storeDir)}
  max_file_store: ${MAX_FILE_STORE}${input.syncInterval === null ? '' : `\n  sync_interval: ${quote(input.syncInterval)}`}
}

# Plain: the Core's nginx is in front, and ends TLS where there is TLS.
websocket {
  listen: ${quote(`${input.webSocketHost}:${input.webSocketPort}`)}
  no_tls: true
}

operator: ${quote(input.operatorJwt)}
system_account: ${quote(input.systemAccountId)}

# Unlike the MEMORY resolver, this one takes new account JWTs (revocations) while it runs, and keeps them.
resolver {
  type: full
  dir: ${quote(`${input.storeDir}/accounts`)}
  allow_delete: false
  interval: "2m"
}
resolver_preload: {
  ${input.systemAccountId}: ${quote(input.systemAccountJwt)}
  ${input.accountId}: ${quote(input.accountJwt)}
}
`;
}

/** A double-quoted string: nats-server knows the escapes of JSON. */
function quote(text: string): string {
  return JSON.stringify(text);
}
