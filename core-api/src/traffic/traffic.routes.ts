import { getTraffic, getTrafficTops, MAX_METRIC_POINTS, MAX_TOP_ENTRIES } from '@flotilla/contracts';
import {
  findAgent,
  findService,
  readTraffic,
  readTrafficTops,
  type DatabaseSession,
  type TrafficScope,
} from '@flotilla/core-db';
import { mergeTopLists } from '@flotilla/traffic';
import { BadRequest, handle, NotFound, type BoundRoute } from '../http/index.ts';
import { decideTimeRange, type TimeRange, type TimeRangeQuery } from '../shared/decide-time-range.ts';
import type { LimitedRead } from '../shared/read-within-limit.ts';
import { formatTotal, formatTraffic } from './format-traffic.ts';

/** As many as a chart shows. */
const MAX_POINTS = 240;
/** Of the period before only the total is shown. */
const FEW_POINTS = 60;

export interface TrafficDeps {
  readonly database: DatabaseSession;
  readonly readLimited: LimitedRead;
  readonly now: () => Date;
}

/** What was asked for: requests of services, nodes and the fleet. */
export function trafficRoutes({ database, readLimited, now }: TrafficDeps): BoundRoute[] {
  return [
    handle(getTraffic, async ({ query: { serviceId, agentId, ...time } }) => {
      const scope = { serviceId, agentId };
      await assertScope(database, scope);
      const at = now();
      const { from, to, stepMs } = chooseRange(time, at);
      const current = await readLimited((tx) =>
        readTraffic(tx, scope, { from, to, stepMs, maxPoints: stepMs === 'auto' ? MAX_POINTS : MAX_METRIC_POINTS }),
      );
      const lengthMs = current.to.getTime() - current.from.getTime();
      const earlier = { from: new Date(current.from.getTime() - lengthMs), to: current.from };
      const before = await readLimited((tx) =>
        readTraffic(tx, scope, { ...earlier, stepMs: 'auto', maxPoints: FEW_POINTS }),
      );
      return { ...formatTraffic(current, at), before: formatTotal(before, at) };
    }),
    handle(getTrafficTops, async ({ query: { serviceId, agentId, ...time } }) => {
      const scope = { serviceId, agentId };
      await assertScope(database, scope);
      const { from, to } = chooseRange({ ...time, step: 'auto' }, now());
      const range = { from, to, stepMs: 'auto', maxPoints: FEW_POINTS } as const;
      const lists = await readLimited((tx) =>
        readTrafficTops(tx, scope, range, (a, b) => mergeTopLists(a, b, MAX_TOP_ENTRIES)),
      );
      return { lists };
    }),
  ];
}

async function assertScope(database: DatabaseSession, { serviceId, agentId }: TrafficScope): Promise<void> {
  if (serviceId !== undefined && (await findService(database, serviceId)) === null)
    throw new NotFound('service', serviceId);
  if (agentId !== undefined && (await findAgent(database, agentId)) === null) throw new NotFound('node', agentId);
}

function chooseRange(query: TimeRangeQuery, now: Date): TimeRange {
  const decision = decideTimeRange(query, now);
  if (decision.ok) return decision.range;
  const { field, message } = decision.problem;
  throw new BadRequest(`${field}: ${message}`, [decision.problem]);
}
