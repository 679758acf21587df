import type { BusAccess } from '@flotilla/contracts';
import {
  consumeJoinToken,
  insertAgent,
  newId,
  recordAudit,
  recordEvents,
  recordJoinTokenUse,
  type DatabaseSession,
} from '@flotilla/core-db';
import { Unauthorized } from '../http/index.ts';
import { hashSecretToken, makeSecretToken } from '../shared/secret-token.ts';
import { refuseForeignKey, type BusAdmission } from './bus-admission.ts';

const MAX_NAMESAKES = 1000;
const MAX_NAME_LENGTH = 80;

export interface RegisterAgentDeps {
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly busAdmission: BusAdmission;
  readonly now: () => Date;
}

export interface Registration {
  readonly joinToken: string;
  readonly name: string;
  readonly version: string;
  readonly busPublicKey?: string | undefined;
}

const refusals = {
  unknown: 'This join token is not known; make a new one in the dashboard under Nodes.',
  used: 'This join token was used already; make a new one in the dashboard under Nodes.',
  expired: 'This join token has expired; make a new one in the dashboard under Nodes.',
} as const;

/**
 * Lets a new agent in. The name that the dashboard gave the token wins over the one that the agent brings; one that is
 * taken gets a number.
 * @throws Unauthorized with the reason when the token is unknown, used or expired; BadRequest for the bus key
 */
export async function registerAgent(
  deps: RegisterAgentDeps,
  registration: Registration,
  clientAddress: string | null,
): Promise<{ agentId: string; apiKey: string; bus: BusAccess | null }> {
  const id = newId();
  const apiKey = makeSecretToken(`flk_${id.replaceAll('-', '')}`);
  const busPublicKey = registration.busPublicKey ?? null;
  const bus = await refuseForeignKey(() =>
    deps.inTransaction(async (tx) => {
      const token = await consumeJoinToken(tx, hashSecretToken(registration.joinToken), deps.now());
      if (token.outcome !== 'consumed') throw new Unauthorized(refusals[token.outcome]);
      const agent = { id, apiKeyHash: hashSecretToken(apiKey), version: registration.version, busPublicKey };
      const name = await insertUnderFreeName(tx, token.agentName ?? registration.name, agent);
      await recordJoinTokenUse(tx, token.id, id);
      const actor = { kind: 'agent', id, name } as const;
      const after = { name, version: registration.version };
      await recordAudit(tx, { action: 'agent.registered', actor, subject: actor, clientAddress, after });
      await recordEvents(tx, [{ kind: 'agent.registered', at: deps.now(), agentId: id, serviceId: null, data: after }]);
      // Before the commit, so that a key that is none does not use the token up.
      return busPublicKey === null ? null : deps.busAdmission.admit(tx, id, busPublicKey);
    }),
  );
  return { agentId: id, apiKey, bus };
}

async function insertUnderFreeName(
  tx: DatabaseSession,
  wanted: string,
  agent: Omit<Parameters<typeof insertAgent>[1], 'name'>,
): Promise<string> {
  for (let number = 1; number <= MAX_NAMESAKES; number += 1) {
    const suffix = number === 1 ? '' : `-${number}`;
    const name = `${wanted.slice(0, MAX_NAME_LENGTH - suffix.length)}${suffix}`;
    if (await insertAgent(tx, { ...agent, name })) return name;
  }
  throw new Error(`${MAX_NAMESAKES} nodes are named ${wanted}`);
}
