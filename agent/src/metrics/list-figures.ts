import type { Figure } from './format-figures.ts';
import type { CustomMetricsFigures } from './custom/start-custom-metrics.ts';
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

/** How reading the figures of applications does. */
export function listCustomFigures(figures: CustomMetricsFigures): Figure[] {
  return [
    gauge('custom_endpoints', 'Endpoints of containers that are read', figures.endpoints),
    gauge('custom_endpoints_failing', 'Of these, the ones whose last reading failed', figures.failingEndpoints),
    gauge('custom_problems', 'What services and labels ask for and is no endpoint of a container', figures.problems),
    counter('custom_readings', 'Readings of endpoints', figures.readings),
    counter('custom_readings_failed', 'Of these, the failed ones', figures.failedReadings),
    gauge('custom_series', 'Series of the latest readings', figures.series),
    gauge(
      'custom_series_left',
      'What the latest readings had and is not kept: beyond bounds, or wrong',
      figures.leftSeries,
    ),
  ];
}

/** How fetching error pages does. */
export function listErrorPageFigures({
  fetched,
  failures,
}: {
  readonly fetched: number;
  readonly failures: number;
}): Figure[] {
  return [
    counter('error_pages_fetched', 'Error pages that came from the Core', fetched),
    counter('error_page_fetches_failed', 'Tries to fetch one that failed', failures),
  ];
}

function gauge(what: string, help: string, value: number | null): Figure {
  return { name: `flotilla_agent_${what}`, help, type: 'gauge', value };
}

function counter(what: string, help: string, value: number): Figure {
  return { name: `flotilla_agent_${what}_total`, help, type: 'counter', value };
}
