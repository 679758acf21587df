import { subjects, type MetricsMessage } from '@flotilla/contracts';
import type { BusConnection } from '@flotilla/runtime';

/** A container of its own for each number. */
export function buildContainerId(number: number): string {
  return number.toString(16).padStart(64, '0');
}

/** A sample of a host with one container; what is not given is ordinary. */
export function buildSampleMessage(change: Partial<MetricsMessage> = {}): MetricsMessage {
  return {
    sampledAt: Date.now(),
    clockOffsetMs: 0,
    host: { cpuPercent: 12.5, memoryUsedBytes: 2 ** 30 },
    containers: { metrics: ['cpuPercent', 'memoryBytes'], rows: [[buildContainerId(1), 'web', 3, 2 ** 20]] },
    series: [[buildContainerId(1), 'queue.length', 7]],
    ...change,
  };
}

/** Publishes a body as the agent does; resolves when the stream has it. */
export async function publishSample(
  bus: BusConnection,
  agentId: string,
  body: unknown,
  { messageId }: { messageId?: string } = {},
): Promise<void> {
  const options = messageId === undefined ? {} : { msgID: messageId };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  await bus.jetstream.publish(subjects.metrics(agentId), text, options);
}
