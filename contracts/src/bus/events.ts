import { z } from 'zod';
import { entityId, instant } from '../values/identifiers.ts';

/** Kinds of events; each is published once, after the change that it tells of was committed. */
export const eventKind = z.enum([
  'agent.registered',
  'agent.online',
  'agent.offline',
  'agent.removed',
  /** Two live sessions under one id: a copied key or a cloned machine. */
  'agent.duplicate_session',
  'configuration.applied',
  'configuration.rejected',
  'service.scaled',
  /** Something keeps the number of replicas from what the load asks for: the maximum, the node's room, a target without figures. */
  'service.scaling_limited',
  /** A rule has banned somebody. */
  'waf.banned',
  /** A rule would have banned somebody, and waits for a person: it would hit too many others. */
  'waf.held',
  /** A rule that only records, or tells, has seen enough. */
  'waf.noticed',
]);
export type EventKind = z.infer<typeof eventKind>;

/** Subject tokens cannot contain dots: `agent.offline` travels as `events.agent_offline.<id>`. */
export function eventSubjectToken(kind: EventKind): string {
  return kind.replaceAll('.', '_');
}

/** Body of a message in EVENTS. `id` is the outbox row's id, the message id and the timeline's key. */
export const busEvent = z.object({
  id: entityId,
  kind: eventKind,
  at: instant,
  agentId: entityId.nullable(),
  serviceId: entityId.nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type BusEvent = z.infer<typeof busEvent>;
