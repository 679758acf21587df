import type { Figure } from './format-figures.ts';
import type { MetricsFigures } from './start-metrics.ts';

const startedAtSeconds = (): number => Math.round(Date.now() / 1000 - process.uptime());

/** What the agent's process uses, under the names that all of Flotilla's processes have. */
export function listProcessFigures(): Figure[] {
  const { user, system } = process.cpuUsage();
  return [
    {
      name: 'process_cpu_seconds_total',
      help: 'User and system CPU time',
      type: 'counter',
      value: (user + system) / 1e6,
    },
    { name: 'process_resident_memory_bytes', help: 'Resident memory', type: 'gauge', value: process.memoryUsage.rss() },
    { name: 'process_start_time_seconds', help: 'Start since the epoch', type: 'gauge', value: startedAtSeconds() },
  ];
}

/** How the agent's part of the pipeline does. */
export function listPipelineFigures({ spool, publisher, sampleDurationMs, isBusConnected }: MetricsFigures): Figure[] {
  const gauge = (what: string, help: string, value: number | null): Figure => ({
    name: `flotilla_agent_${what}`,
    help,
    type: 'gauge',
    value,
  });
  const counter = (what: string, help: string, value: number): Figure => ({
    name: `flotilla_agent_${what}_total`,
    help,
    type: 'counter',
    value,
  });
  return [
    gauge('bus_connected', '1 while the bus is there', isBusConnected ? 1 : 0),
    gauge('spool_bytes', 'What waits on disk for the bus', spool.waiting?.bytes ?? null),
    gauge('spool_messages', 'Messages that wait on disk for the bus', spool.waiting?.messages ?? null),
    counter('spool_dropped_samples', 'Samples lost since the spool was made, restarts included', spool.droppedSamples),
    counter('messages_sent', 'Messages sent to the bus, each time counted', publisher.sent),
    counter('messages_resent', 'Messages sent once more, because no answer came or the bus refused', publisher.resent),
    counter('messages_acknowledged', 'Messages that the stream has', publisher.acknowledged),
    counter('messages_repeated', 'Of these, the ones that the stream had before', publisher.repeats),
    counter('messages_discarded', 'Messages given up because the stream never takes them', publisher.discarded),
    gauge(
      'sample_duration_seconds',
      'Time to collect the newest sample',
      sampleDurationMs === null ? null : sampleDurationMs / 1000,
    ),
  ];
}
