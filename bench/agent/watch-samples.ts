import {
  containerMetricNames,
  METRICS_STREAM,
  parseMetricsMessage,
  subjects,
  type MetricsSample,
} from '@flotilla/contracts';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 250;

export interface SampleWatch {
  /**
   * Resolves when a sample that came after this call has the host's figures and those of at least `containers` containers.
   * @throws when none comes in time: then what is measured is not the agent at work
   */
  readonly waitForSample: (containers: number, timeoutMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Reads what an agent publishes to the METRICS stream, as the workers do. */
export async function watchSamples(
  natsPort: number,
  credsFile: string,
  agentId: string,
  namePrefix: string,
): Promise<SampleWatch> {
  const authenticator = credsAuthenticator(await readFile(credsFile));
  const bus = await connect({ servers: `nats://127.0.0.1:${natsPort}`, authenticator });
  let newest: { sample: MetricsSample; at: number } | null = null;
  bus.subscribe(subjects.metrics(agentId), {
    callback: (_, message) => {
      const parsed = parseMetricsMessage(message.json());
      if (parsed.ok) newest = { sample: parsed.sample, at: performance.now() };
    },
  });

  return {
    waitForSample: async (containers, timeoutMs) => {
      const startedAt = performance.now();
      let most = -1;
      while (performance.now() - startedAt < timeoutMs) {
        if (newest !== null && newest.at > startedAt && newest.sample.host !== null) {
          most = Math.max(most, countMeasured(newest.sample, namePrefix));
          if (most >= containers) return;
        }
        await delay(POLL_MS);
      }
      const found = most < 0 ? 'none with the host’s figures' : `none with more than ${most}`;
      throw new Error(
        `no sample with ${containers} containers came to ${METRICS_STREAM.name} within ${timeoutMs} ms, ${found}`,
      );
    },
    close: () => bus.close(),
  };
}

/** Containers of that name of which at least one figure is known. */
function countMeasured({ containers }: MetricsSample, namePrefix: string): number {
  const { names, values } = containers;
  const columns = containerMetricNames.length;
  return names.filter((name, row) => {
    const own = values.slice(row * columns, (row + 1) * columns);
    return name.startsWith(namePrefix) && own.some((value) => !Number.isNaN(value));
  }).length;
}
