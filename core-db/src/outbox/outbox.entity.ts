import type { BusEvent } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

/** An event that waits for the bus, written in the transaction that it tells of. */
export interface OutboxRow {
  /** Also the message id on the bus. */
  readonly id: string;
  readonly subject: string;
  readonly payload: BusEvent;
  readonly createdAt: Date;
  readonly publishedAt: Date | null;
}

export const outboxEntity = new EntitySchema<OutboxRow>({
  name: 'outbox',
  tableName: 'outbox',
  columns: {
    id: { type: 'uuid', primary: true },
    subject: { type: 'text' },
    payload: { type: 'jsonb' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    publishedAt: { type: 'timestamptz', name: 'published_at', nullable: true },
  },
});
