import { encodeAccount, newScopedSigner, type UserPermissionsLimits } from '@nats-io/jwt';
import { fromSeed } from '@nats-io/nkeys';

/** A user of the account that may connect no more. */
export interface BusRevocation {
  readonly publicKey: string;
  /** JWTs issued up to this moment are refused; one of the same key pair issued later is not. */
  readonly revokedAt: Date;
}

export interface BusAccountKeys {
  readonly accountId: string;
  readonly operatorSigningSeed: string;
  readonly agentSigningSeed: string;
}

const UNLIMITED = -1;
const AGENT_ROLE = 'agent';
const AGENT_SUBSCRIPTIONS = 16;
const AGENT_PAYLOAD_BYTES = 1_048_576;

/**
 * What every agent may do. The server puts the user's name, which is the agent's id, in place of `{{name()}}`; it does
 * so only where that is a whole token of the subject.
 */
const agentTemplate: Partial<UserPermissionsLimits> = {
  pub: { allow: ['telemetry.*.*.{{name()}}', 'agents.{{name()}}.presence'] },
  sub: { allow: ['agents.{{name()}}.wake', '_INBOX.{{name()}}.>'] },
  subs: AGENT_SUBSCRIPTIONS,
  payload: AGENT_PAYLOAD_BYTES,
  data: UNLIMITED,
  allowed_connection_types: ['STANDARD', 'WEBSOCKET'],
};

/** The JWT of the account that all Flotilla processes share, with everybody who may not connect to it any more. */
export function encodeBusAccount(keys: BusAccountKeys, revocations: readonly BusRevocation[]): Promise<string> {
  const agentSigner = newScopedSigner(keyPair(keys.agentSigningSeed), AGENT_ROLE, agentTemplate);
  return encodeAccount(
    'flotilla',
    keys.accountId,
    {
      // A missing limit means 0, not none.
      limits: {
        subs: UNLIMITED,
        data: UNLIMITED,
        payload: UNLIMITED,
        imports: UNLIMITED,
        exports: UNLIMITED,
        wildcards: true,
        conn: UNLIMITED,
        leaf: 0,
        mem_storage: UNLIMITED,
        disk_storage: UNLIMITED,
        streams: UNLIMITED,
        consumer: UNLIMITED,
      },
      signing_keys: [agentSigner],
      revocations: Object.fromEntries(
        revocations.map(({ publicKey, revokedAt }) => [publicKey, Math.floor(revokedAt.getTime() / 1000)]),
      ),
    },
    { signer: keyPair(keys.operatorSigningSeed) },
  );
}

/** @throws when the seed is damaged */
export function keyPair(seed: string) {
  return fromSeed(new TextEncoder().encode(seed));
}
