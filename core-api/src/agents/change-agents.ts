import type { BusAccess } from '@flotilla/contracts';
import {
  deleteAgent,
  findAgent,
  isUniqueViolation,
  listServiceNames,
  lockAgents,
  recordAudit,
  recordEvents,
  replaceBusKey,
  revokeBusKey,
  updateAgent,
  type AgentRecord,
  type DatabaseSession,
} from '@flotilla/core-db';
import { Conflict, NotFound, Unauthorized, type RequestAgent, type RequestUser } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';
import { refuseForeignKey, type BusAdmission } from './bus-admission.ts';

export interface ChangeAgentsDeps {
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly busAdmission: BusAdmission;
  readonly now: () => Date;
}

interface Editor {
  readonly user: RequestUser;
  readonly clientAddress: string | null;
}

/** Renames a node or sets its address. @throws NotFound, Conflict when the name is taken */
export async function changeAgent(
  deps: ChangeAgentsDeps,
  id: string,
  change: { readonly name?: string | undefined; readonly url?: string | null | undefined },
  editor: Editor,
): Promise<AgentRecord> {
  try {
    return await deps.inTransaction(async (tx) => {
      const before = await holdAgent(tx, id);
      const after = { name: change.name ?? before.name, url: change.url === undefined ? before.url : change.url };
      await updateAgent(tx, id, after);
      await recordAudit(tx, {
        action: 'agent.updated',
        actor: userActor(editor.user),
        subject: { kind: 'agent', id, name: after.name },
        clientAddress: editor.clientAddress,
        before: { name: before.name, url: before.url },
        after,
      });
      return readAgent(tx, id);
    });
  } catch (error) {
    if (isUniqueViolation(error, 'agents_name_key')) throw new Conflict(`Another node is named ${change.name}.`);
    throw error;
  }
}

/**
 * Removes a node: its key ends with the transaction, its bus connection right after it.
 * @throws NotFound, Conflict with the services that the node still has
 */
export async function removeAgent(deps: ChangeAgentsDeps, id: string, editor: Editor): Promise<void> {
  await deps.inTransaction(async (tx) => {
    const before = await holdAgent(tx, id);
    const services = await listServiceNames(tx, id);
    if (services.length > 0) {
      const names = services.map(({ name }) => name).join(', ');
      throw new Conflict(`Move or delete the services of this node first: ${names}.`, { services });
    }
    if (before.busPublicKey !== null) await revokeBusKey(tx, id, before.busPublicKey);
    await deleteAgent(tx, id);
    await recordAudit(tx, {
      action: 'agent.deleted',
      actor: userActor(editor.user),
      subject: { kind: 'agent', id, name: before.name },
      clientAddress: editor.clientAddress,
      before: { name: before.name, url: before.url },
    });
    await recordEvents(tx, [
      { kind: 'agent.removed', at: deps.now(), agentId: id, serviceId: null, data: { name: before.name } },
    ]);
  });
  await deps.busAdmission.revokeStored();
}

/**
 * Exchanges an agent's bus key; the earlier one is refused from now on.
 * @throws BadRequest when the key is none or not the agent's to name; Unauthorized when the agent was removed meanwhile
 */
export async function renewBusKey(
  deps: ChangeAgentsDeps,
  agent: Pick<RequestAgent, 'id'>,
  publicKey: string,
): Promise<BusAccess> {
  const access = await refuseForeignKey(() =>
    deps.inTransaction(async (tx) => {
      const admitted = await deps.busAdmission.admit(tx, agent.id, publicKey);
      if (!(await replaceBusKey(tx, agent.id, publicKey))) throw new Unauthorized('This node was removed.');
      return admitted;
    }),
  );
  await deps.busAdmission.revokeStored();
  return access;
}

export async function readAgent(db: DatabaseSession, id: string): Promise<AgentRecord> {
  const agent = await findAgent(db, id);
  if (agent === null) throw new NotFound('node', id);
  return agent;
}

async function holdAgent(tx: DatabaseSession, id: string) {
  const agent = (await lockAgents(tx, [id])).get(id);
  if (agent === undefined) throw new NotFound('node', id);
  return agent;
}
