import { readSecret } from '../shared/secret-files.ts';
import type { BusAccountKeys } from '../shared/encode-bus-account.ts';

/** What core-api needs to sign agents in and out of the bus. */
export async function readBusKeys(secretsDir: string): Promise<BusAccountKeys> {
  return {
    accountId: await readSecret(secretsDir, 'accountId'),
    operatorSigningSeed: await readSecret(secretsDir, 'operatorSigning'),
    agentSigningSeed: await readSecret(secretsDir, 'accountSigning'),
  };
}
