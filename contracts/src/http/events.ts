import { z } from 'zod';
import { eventKind } from '../bus/events.ts';
import { entityId, instant } from '../values/identifiers.ts';
import { listQuery, page } from './paging.ts';
import { defineRoute } from './route.ts';

export const timelineEvent = z.object({
  id: entityId,
  kind: eventKind,
  at: instant,
  agentId: entityId.nullable(),
  serviceId: entityId.nullable(),
  /** The event's own data, as the bus carried it. */
  data: z.record(z.string(), z.unknown()),
});
export type TimelineEvent = z.infer<typeof timelineEvent>;

export const listEvents = defineRoute({
  method: 'get',
  path: '/api/events',
  access: 'viewer',
  tag: 'events',
  summary: 'What happened on the fleet, newest first',
  query: listQuery(['at'], 'desc').extend({
    agentId: entityId.optional(),
    serviceId: entityId.optional(),
    kind: eventKind.optional(),
  }),
  status: 200,
  response: page(timelineEvent),
});
