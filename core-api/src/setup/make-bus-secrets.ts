import { encodeAccount, encodeOperator, encodeUser, fmtCreds } from '@nats-io/jwt';
import { createAccount, createOperator, createUser, type KeyPair } from '@nats-io/nkeys';
import { encodeBusAccount } from '../shared/encode-bus-account.ts';
import type { SecretName } from '../shared/secret-files.ts';

/**
 * A new trust chain for the bus: operator → its signing key → system account and Flotilla's account → one user in each
 * and the scoped key that signs agents. The parts fit only each other.
 */
export async function makeBusSecrets(): Promise<Partial<Record<SecretName, string>>> {
  const operator = createOperator();
  const operatorSigning = createOperator();
  const system = createAccount();
  const account = createAccount();
  const agentSigning = createAccount();
  const signer = { signer: operatorSigning };
  const operatorClaims = {
    signing_keys: [operatorSigning.getPublicKey()],
    system_account: system.getPublicKey(),
  };
  const keys = {
    accountId: account.getPublicKey(),
    operatorSigningSeed: seedOf(operatorSigning),
    agentSigningSeed: seedOf(agentSigning),
  };
  return {
    operatorIdentity: seedOf(operator),
    operatorSigning: seedOf(operatorSigning),
    operatorJwt: await encodeOperator('flotilla', operator, operatorClaims),
    systemAccountId: system.getPublicKey(),
    systemAccountJwt: await encodeAccount('system', system, { limits: systemLimits }, signer),
    systemCreds: await makeCreds('core-system', system),
    accountId: account.getPublicKey(),
    accountIdentity: seedOf(account),
    accountSigning: seedOf(agentSigning),
    accountJwt: await encodeBusAccount(keys, []),
    coreCreds: await makeCreds('core', account),
  };
}

/** No JetStream: the server refuses it for the system account. -1 is no limit. */
const systemLimits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };

async function makeCreds(name: string, account: KeyPair): Promise<string> {
  const user = createUser();
  return new TextDecoder().decode(fmtCreds(await encodeUser(name, user, account), user)).trimEnd();
}

function seedOf(pair: KeyPair): string {
  return new TextDecoder().decode(pair.getSeed());
}
