import { encodeUser } from '@nats-io/jwt';
import { keyPair, type BusAccountKeys } from '../shared/encode-bus-account.ts';

export interface AgentUser {
  readonly agentId: string;
  /** Public half of the key pair that the agent has made for this enrolment. */
  readonly publicKey: string;
}

/**
 * The user JWT that lets an agent onto the bus, in its own name only: its rights are in the account's template for the
 * key that signs here, so that they can be changed without new JWTs.
 * @throws when the public key is none of a NATS user
 */
export function signAgentUser(
  keys: Pick<BusAccountKeys, 'accountId' | 'agentSigningSeed'>,
  { agentId, publicKey }: AgentUser,
): Promise<string> {
  return encodeUser(
    agentId,
    publicKey,
    keys.accountId,
    {},
    { signer: keyPair(keys.agentSigningSeed), scopedUser: true },
  );
}
