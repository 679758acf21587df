import type { ScalingDecision } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

/** What was seen of a service at a time, for its chart. */
export interface ScalingPointRow {
  readonly serviceId: string;
  readonly at: Date;
  readonly wanted: number;
  /** Null when no node had told lately. */
  readonly ready: number | null;
  readonly targets: ScalingDecision['targets'];
  readonly activeSchedule: string | null;
}

export const scalingPointEntity = new EntitySchema<ScalingPointRow>({
  name: 'scaling_point',
  tableName: 'scaling_points',
  columns: {
    serviceId: { type: 'uuid', name: 'service_id', primary: true },
    at: { type: 'timestamptz', primary: true },
    wanted: { type: 'int' },
    ready: { type: 'int', nullable: true },
    targets: { type: 'jsonb' },
    activeSchedule: { type: 'text', name: 'active_schedule', nullable: true },
  },
});
