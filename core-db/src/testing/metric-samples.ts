import { containerMetricNames, hostMetricNames } from '@flotilla/contracts';
import { newId } from '../new-id.ts';
import type { TestDatabase } from './test-database.ts';
import type { AgentSample } from '../metrics/agent-sample.ts';
import { rollUpMetrics } from '../metrics/roll-up.ts';

/** Docker's id of a made-up container. */
export function buildDockerId(number: number): string {
  return number.toString(16).padStart(64, '0');
}

export interface SampleChange {
  readonly agentId?: string;
  readonly sampledAt?: number;
  /** Value of every figure of the host; null for a sample without them. */
  readonly host?: number | null;
  /** Value of every figure of each container, by number. */
  readonly containers?: Readonly<Record<number, number>>;
  readonly series?: AgentSample['sample']['series'];
}

/** A sample of a host; its containers are called `container-1` and so on. */
export function buildAgentSample(change: SampleChange = {}): AgentSample {
  const { agentId = newId(), sampledAt = Date.now(), host = 10, containers = {}, series = [] } = change;
  return {
    agentId,
    sample: {
      sampledAt,
      clockOffsetMs: 0,
      host: host === null ? null : hostMetricNames.map(() => host),
      containers: {
        ids: Object.keys(containers).map((number) => buildDockerId(Number(number))),
        names: Object.keys(containers).map((number) => `container-${number}`),
        values: Object.values(containers).flatMap((value) => containerMetricNames.map(() => value)),
      },
      series,
    },
  };
}

/** Computes all rollups now, whether or not their time has come. */
export async function rollUpEverything({ database, session }: TestDatabase): Promise<void> {
  for (let isMore = true; isMore;) {
    await session.query(`update metric_rollups_due set due_at = now() - interval '1 second'`);
    isMore = (await rollUpMetrics(database)).buckets > 0;
  }
}
