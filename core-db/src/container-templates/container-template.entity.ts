import type { ContainerSpec, ContainerTemplate } from '@flotilla/contracts';
import { EntitySchema } from 'typeorm';

/** A container of a node as it may lie here: values of variables are sealed. */
export interface StoredContainerTemplate extends Omit<ContainerTemplate, 'container'> {
  readonly container: Omit<ContainerSpec, 'image'> & Pick<ContainerTemplate['container'], 'image'>;
}

export interface ContainerTemplateRow {
  /** Of the task that asked for it. */
  readonly id: string;
  readonly agentId: string;
  readonly template: StoredContainerTemplate;
  readonly expiresAt: Date;
}

export const containerTemplateEntity = new EntitySchema<ContainerTemplateRow>({
  name: 'container_template',
  tableName: 'container_templates',
  columns: {
    id: { type: 'uuid', primary: true },
    agentId: { type: 'uuid', name: 'agent_id' },
    template: { type: 'jsonb' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
  },
});
