import type { ContainerMetric, MetricValue } from '@flotilla/contracts';

/** Figures of one container; one that is missing is unknown, as null is. */
export interface ContainerReading {
  readonly id: string;
  readonly name: string;
  readonly values: Partial<Record<ContainerMetric, MetricValue>>;
}
