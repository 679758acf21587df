import type { ScalingDecision } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

export interface ScalingDecisionRow {
  readonly id: string;
  readonly serviceId: string;
  /** The service's after it; each action has its own. */
  readonly scaleRevision: number;
  readonly at: Date;
  readonly outcome: ScalingDecision['outcome'];
  readonly fromCount: number;
  readonly toCount: number;
  readonly wanted: number | null;
  readonly ready: number | null;
  readonly decisiveTarget: number | null;
  readonly targets: ScalingDecision['targets'];
  readonly limits: ScalingDecision['limits'];
  /** A person's e-mail address; null for the policy. */
  readonly decidedBy: string | null;
}

export const scalingDecisionEntity = new EntitySchema<ScalingDecisionRow>({
  name: 'scaling_decision',
  tableName: 'scaling_decisions',
  columns: {
    id: { type: 'uuid', primary: true },
    serviceId: { type: 'uuid', name: 'service_id' },
    scaleRevision: { type: 'int', name: 'scale_revision' },
    at: { type: 'timestamptz' },
    outcome: { type: 'text' },
    fromCount: { type: 'int', name: 'from_count' },
    toCount: { type: 'int', name: 'to_count' },
    wanted: { type: 'int', nullable: true },
    ready: { type: 'int', nullable: true },
    decisiveTarget: { type: 'int', name: 'decisive_target', nullable: true },
    targets: { type: 'jsonb' },
    limits: { type: 'jsonb' },
    decidedBy: { type: 'text', name: 'decided_by', nullable: true },
  },
});
