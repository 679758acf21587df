import type { BusConnection } from '@flotilla/runtime';
import { encodeBusAccount, type BusAccountKeys, type BusRevocation } from '../shared/encode-bus-account.ts';

const REQUEST_TIMEOUT_MS = 2000;
const OK = 200;

/** The server did not take the account's JWT, or serves another one. */
export class BusAccountError extends Error {
  override readonly name = 'BusAccountError';
}

export interface RevokeAgentUsersDeps {
  /** Connected with the system account's credentials. */
  readonly systemBus: Pick<BusConnection, 'nats'>;
  readonly keys: BusAccountKeys;
}

/**
 * Makes the server refuse the revoked users from now on; it closes their connections, and no others.
 *
 * The list is the whole one, from the database: each push replaces the former. Two pushes at once could leave the older
 * list on the server, so the caller reads the list and pushes it under one lock; and it pushes once at start, for a
 * server that has lost its data.
 * @throws BusAccountError when the server refuses, or answers a look-up with another JWT; TimeoutError when it is away
 */
export async function revokeAgentUsers(
  { systemBus: { nats }, keys }: RevokeAgentUsersDeps,
  revocations: readonly BusRevocation[],
): Promise<void> {
  const accountJwt = await encodeBusAccount(keys, revocations);
  const timeout = { timeout: REQUEST_TIMEOUT_MS };
  const answer = await nats.request('$SYS.REQ.CLAIMS.UPDATE', accountJwt, timeout);
  const { data, error } = answer.json<{ data?: { code?: number }; error?: { description?: string } }>();
  if (data?.code !== OK) {
    throw new BusAccountError(`the bus refused the account's JWT: ${error?.description ?? answer.string()}`);
  }
  // The server also takes a JWT that another operator has signed, so what it serves now is compared with what was meant.
  const served = await nats.request(`$SYS.REQ.ACCOUNT.${keys.accountId}.CLAIMS.LOOKUP`, '', timeout);
  if (served.string() !== accountJwt) throw new BusAccountError('the bus serves another JWT of the account');
}
