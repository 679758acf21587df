import type { Task, TaskResult, TaskState, TaskType } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

export interface TaskRow {
  readonly id: string;
  readonly agentId: string;
  readonly type: TaskType;
  readonly state: TaskState;
  readonly payload: Task['payload'];
  readonly revision: string | null;
  readonly deliveries: number;
  readonly leaseUntil: Date | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly deliveredAt: Date | null;
  readonly finishedAt: Date | null;
  readonly outcome: string | null;
  /** The agent's last word on it. */
  readonly result: TaskResult | null;
}

export const taskEntity = new EntitySchema<TaskRow>({
  name: 'task',
  tableName: 'tasks',
  columns: {
    id: { type: 'uuid', primary: true },
    agentId: { type: 'uuid', name: 'agent_id' },
    type: { type: 'text' },
    state: { type: 'text' },
    payload: { type: 'jsonb' },
    revision: { type: 'text', nullable: true },
    deliveries: { type: 'int' },
    leaseUntil: { type: 'timestamptz', name: 'lease_until', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    createdBy: { type: 'text', name: 'created_by' },
    deliveredAt: { type: 'timestamptz', name: 'delivered_at', nullable: true },
    finishedAt: { type: 'timestamptz', name: 'finished_at', nullable: true },
    outcome: { type: 'text', nullable: true },
    result: { type: 'jsonb', nullable: true },
  },
});
