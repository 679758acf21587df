import type { MetricsSample } from '@flotilla/contracts';

/** A sample with the agent that the bus vouches for. */
export interface AgentSample {
  readonly agentId: string;
  readonly sample: MetricsSample;
}
