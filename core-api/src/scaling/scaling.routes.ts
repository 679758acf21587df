import {
  deleteScalingPolicy,
  getScaling,
  getScalingHistory,
  listScalingDecisions,
  pauseScaling,
  putScalingPolicy,
  scaleService,
} from '@flotilla/contracts';
import {
  findLatestScalingPoint,
  findService,
  findServiceScale,
  listScalingDecisions as readDecisions,
  readScalingPoints,
  type DatabaseSession,
} from '@flotilla/core-db';
import { BadRequest, handle, NotFound, type BoundRoute } from '../http/index.ts';
import { savePolicy, scaleByHand, setPaused, sumCounts, type ChangeScalingDeps } from './change-scaling.ts';
import { chooseHistoryStep, planScalingHistory } from './plan-scaling-history.ts';

/** Points are kept for a week; a longer range is mostly empty. */
const LONGEST_RANGE_MS = 31 * 86_400_000;

export interface ScalingRoutesDeps extends ChangeScalingDeps {
  readonly database: DatabaseSession;
}

export function scalingRoutes(deps: ScalingRoutesDeps): BoundRoute[] {
  const { database } = deps;
  return [
    handle(getScaling, async ({ params }) => readStatus(database, params.id)),
    handle(putScalingPolicy, async ({ params, body, user, clientAddress }) => {
      await savePolicy(deps, { serviceId: params.id, user, clientAddress }, body);
      return readStatus(database, params.id);
    }),
    handle(deleteScalingPolicy, async ({ params, user, clientAddress }) => {
      await savePolicy(deps, { serviceId: params.id, user, clientAddress }, null);
      return readStatus(database, params.id);
    }),
    handle(pauseScaling, async ({ params, body, user, clientAddress }) => {
      await setPaused(deps, { serviceId: params.id, user, clientAddress }, body.isPaused);
      return readStatus(database, params.id);
    }),
    handle(scaleService, async ({ params, body, user, clientAddress }) => {
      await scaleByHand(deps, { serviceId: params.id, user, clientAddress }, body);
      return readStatus(database, params.id);
    }),
    handle(listScalingDecisions, async ({ params, query }) => {
      await assertService(database, params.id);
      const { from, to, limit } = query;
      const range = { from: from === undefined ? from : new Date(from), to: to === undefined ? to : new Date(to) };
      // One more than is shown tells whether there are more.
      const decisions = await readDecisions(database, params.id, { ...range, limit: limit + 1 });
      return { items: decisions.slice(0, limit), hasMore: decisions.length > limit };
    }),
    handle(getScalingHistory, async ({ params, query }) => {
      await assertService(database, params.id);
      const range = readRange(query);
      const stepMs = chooseHistoryStep(range);
      const points = await readScalingPoints(database, params.id, { ...range, stepMs });
      return planScalingHistory(points, range, stepMs);
    }),
  ];
}

async function readStatus(database: DatabaseSession, serviceId: string) {
  await assertService(database, serviceId);
  const scale = await findServiceScale(database, serviceId);
  if (scale === null) {
    return { policy: null, policyUpdatedAt: null, wanted: 0, scaleRevision: 0, nodes: [], evaluation: null };
  }
  const { policy, policyUpdatedAt, scaleRevision, nodes } = scale;
  const point = policyUpdatedAt && (await findLatestScalingPoint(database, serviceId, policyUpdatedAt));
  return {
    policy,
    policyUpdatedAt,
    wanted: sumCounts(scale),
    scaleRevision,
    nodes: nodes.map(({ agentId, agentName, count }) => ({ agentId, agentName, wanted: count })),
    evaluation:
      point === null || point.ready === null
        ? null
        : { at: point.at, ready: point.ready, targets: point.targets, activeSchedule: point.activeSchedule },
  };
}

function readRange(query: { readonly from: string; readonly to: string }): { from: Date; to: Date } {
  const range = { from: new Date(query.from), to: new Date(query.to) };
  const lengthMs = range.to.getTime() - range.from.getTime();
  if (lengthMs <= 0) throw refuse('to', 'is not after from; send a later time');
  if (lengthMs > LONGEST_RANGE_MS) throw refuse('from', 'is more than 31 days before to; ask for a shorter range');
  return range;
}

function refuse(field: string, message: string): BadRequest {
  return new BadRequest('The time range makes no sense.', [{ field, message }]);
}

async function assertService(database: DatabaseSession, id: string): Promise<void> {
  if ((await findService(database, id)) === null) throw new NotFound('service', id);
}
