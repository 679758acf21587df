import { eventSubjectToken, subjects, type BusEvent, type EventKind } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { newId } from '../new-id.ts';

export interface NewEvent {
  readonly kind: EventKind;
  readonly at: Date;
  readonly agentId: string | null;
  readonly serviceId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A row of the outbox that waits for the bus. `payload` is what was stored; the reader checks it. */
export interface WaitingMessage {
  readonly id: string;
  readonly subject: string;
  readonly payload: unknown;
}

/**
 * Records what happened in the transaction that makes it happen, so that there is never one without the other; the
 * workers publish it after the commit.
 */
export async function recordEvents(tx: DatabaseSession, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const messages = events.map(({ kind, at, agentId, serviceId, data }) => {
    const id = newId();
    const payload: BusEvent = { id, kind, at: at.toISOString(), agentId, serviceId, data: { ...data } };
    return { id, subject: subjects.event(eventSubjectToken(kind), subjectIdOf(payload)), payload };
  });
  await tx.query(
    `insert into outbox (id, subject, payload)
     select * from unnest($1::uuid[], $2::text[], $3::jsonb[])`,
    [
      messages.map(({ id }) => id),
      messages.map(({ subject }) => subject),
      messages.map(({ payload }) => JSON.stringify(payload)),
    ],
  );
}

/** Last token of the subject: what the event is about. */
function subjectIdOf({ kind, agentId, serviceId }: BusEvent): string {
  const ids = kind.startsWith('agent.') ? [agentId, serviceId] : [serviceId, agentId];
  return ids.find((id) => id !== null) ?? 'core';
}

/**
 * The oldest messages that were not published, held until the transaction ends; what another transaction holds is
 * skipped. Call `markPublished` in the same transaction.
 */
export async function lockUnpublished(tx: DatabaseSession, limit: number): Promise<WaitingMessage[]> {
  return queryRows(
    tx,
    `select id, subject, payload from outbox where published_at is null
     order by created_at, id limit $1 for update skip locked`,
    [limit],
  );
}

export async function markPublished(tx: DatabaseSession, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query('update outbox set published_at = now() where id = any($1::uuid[])', [ids]);
}
