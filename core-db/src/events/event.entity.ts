import type { EventKind } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

/** An event of the timeline; `id` is the outbox row that it came from. */
export interface EventRow {
  readonly id: string;
  readonly kind: EventKind;
  readonly at: Date;
  readonly agentId: string | null;
  readonly serviceId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export const eventEntity = new EntitySchema<EventRow>({
  name: 'event',
  tableName: 'events',
  columns: {
    id: { type: 'uuid', primary: true },
    kind: { type: 'text' },
    at: { type: 'timestamptz' },
    agentId: { type: 'uuid', name: 'agent_id', nullable: true },
    serviceId: { type: 'uuid', name: 'service_id', nullable: true },
    data: { type: 'jsonb' },
  },
});
