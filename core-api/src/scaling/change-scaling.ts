import type { AuditAction, ScalingPolicy } from '@flotilla/contracts';
import {
  commitScale,
  findService,
  lockServiceScale,
  placeReplicas,
  recordAudit,
  setScalingPolicy,
  type DatabaseSession,
  type ServiceScale,
} from '@flotilla/core-db';
import { Conflict, NotFound, type RequestUser } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';

export interface ChangeScalingDeps {
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly now: () => Date;
  /** Tells a node that there is something to fetch. A hint: never rejects, and polling finds it too. */
  readonly wakeAgent: (agentId: string) => void;
}

/** Who changes which service. */
export interface ScalingEdit {
  readonly serviceId: string;
  readonly user: RequestUser;
  readonly clientAddress: string | null;
}

/** A service with replicas, held for a change. */
interface HeldScale extends ServiceScale {
  readonly name: string;
}

/** Sets the policy, or removes it with null. @throws NotFound, Conflict */
export async function savePolicy(
  deps: ChangeScalingDeps,
  edit: ScalingEdit,
  policy: ScalingPolicy | null,
): Promise<void> {
  await deps.inTransaction(async (tx) => {
    const scale = await holdScale(tx, edit.serviceId);
    if (policy === null && scale.policy === null) return;
    await setScalingPolicy(tx, edit.serviceId, policy);
    const action = policy === null ? 'scaling.policy_removed' : 'scaling.policy_saved';
    await audit(tx, action, edit, scale, { before: scale.policy, after: policy });
  });
}

/** Pauses the policy or lets it go on. @throws NotFound, Conflict */
export async function setPaused(deps: ChangeScalingDeps, edit: ScalingEdit, isPaused: boolean): Promise<void> {
  await deps.inTransaction(async (tx) => {
    const scale = await holdScale(tx, edit.serviceId);
    if (scale.policy === null) {
      throw new Conflict('The service has no scaling policy that could be paused; save one first.');
    }
    await pause(tx, edit, scale, isPaused);
  });
}

async function pause(tx: DatabaseSession, edit: ScalingEdit, scale: HeldScale, isPaused: boolean): Promise<void> {
  const { policy } = scale;
  if (policy === null || policy.isPaused === isPaused) return;
  await setScalingPolicy(tx, edit.serviceId, { ...policy, isPaused });
  const states = { before: { isPaused: !isPaused }, after: { isPaused } };
  await audit(tx, isPaused ? 'scaling.paused' : 'scaling.resumed', edit, scale, states);
}

/**
 * Sets the number of replicas by hand, once: a number that is there already changes nothing.
 * @throws NotFound, and Conflict while a policy decides that is not to be paused
 */
export async function scaleByHand(
  deps: ChangeScalingDeps,
  edit: ScalingEdit,
  { count, pausePolicy }: { readonly count: number; readonly pausePolicy: boolean },
): Promise<void> {
  const nodes = await deps.inTransaction(async (tx) => {
    const scale = await holdScale(tx, edit.serviceId);
    if (pausePolicy) await pause(tx, edit, scale, true);
    else assertNoPolicyDecides(scale);
    return setCount(tx, edit, scale, { count, at: deps.now() });
  });
  for (const { agentId } of nodes) deps.wakeAgent(agentId);
}

/** @returns the nodes that have something to do */
async function setCount(
  tx: DatabaseSession,
  edit: ScalingEdit,
  scale: HeldScale,
  { count, at }: { readonly count: number; readonly at: Date },
) {
  const from = sumCounts(scale);
  if (from === count) return [];
  const decision = { serviceId: edit.serviceId, at, outcome: 'manual', from, to: count } as const;
  const nodes = await placeReplicas(tx, scale, scale.nodes, count);
  const email = edit.user.email;
  const scaleRevision = await commitScale(tx, {
    decision: {
      ...decision,
      wanted: null,
      ready: null,
      decisiveTarget: null,
      targets: [],
      limits: [],
      decidedBy: email,
    },
    serviceName: scale.name,
    scaleRevision: scale.scaleRevision,
    nodes,
    createdBy: email,
  });
  if (scaleRevision === null) throw new Error(`the number of ${edit.serviceId} changed while it was held`);
  await audit(tx, 'service.scaled', edit, scale, { before: { count: from }, after: { count } });
  return nodes;
}

function assertNoPolicyDecides({ policy }: ServiceScale): void {
  if (policy === null || policy.isPaused || policy.isDryRun) return;
  throw new Conflict(
    'A policy decides how many replicas the service has. Pause it first, or send pausePolicy: true.',
    {},
    'policy-decides',
  );
}

export function sumCounts({ nodes }: Pick<ServiceScale, 'nodes'>): number {
  return nodes.reduce((sum, { count }) => sum + count, 0);
}

async function holdScale(tx: DatabaseSession, serviceId: string): Promise<HeldScale> {
  const service = await findService(tx, serviceId);
  if (service === null) throw new NotFound('service', serviceId);
  const scale = await lockServiceScale(tx, serviceId);
  if (scale === null || scale.nodes.length === 0) {
    throw new Conflict('The service has no replicas of its own: describe its container in its settings first.');
  }
  return { ...scale, name: service.name };
}

async function audit(
  tx: DatabaseSession,
  action: AuditAction,
  { serviceId, user, clientAddress }: ScalingEdit,
  { name }: HeldScale,
  states: { readonly before: unknown; readonly after: unknown },
): Promise<void> {
  const subject = { kind: 'service', id: serviceId, name };
  await recordAudit(tx, { action, actor: userActor(user), subject, clientAddress, ...states });
}
