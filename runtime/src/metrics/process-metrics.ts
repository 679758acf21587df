import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const NANOSECONDS_PER_SECOND = 1e9;
const EVENT_LOOP_RESOLUTION_MS = 20;

/** A figure that is read when somebody asks for it. */
export interface ReadFigure {
  /** By Prometheus's conventions: `flotilla_<part>_<what>_<unit>`, counters with `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** Null while the figure is not known: it is left out then. */
  readonly read: () => number | null;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The figures of one process, in Prometheus's text format. */
export interface ProcessMetrics {
  readonly registry: Registry;
  /** Adds figures that others count; several with one name differ in their labels. */
  readonly addFigures: (figures: readonly ReadFigure[]) => void;
  /** The text of `GET /metrics`. */
  readonly render: () => Promise<string>;
  /** Ends the measuring of the event loop. */
  readonly close: () => void;
}

/**
 * A registry of its own with what every process has: CPU, memory, event loop, start.
 * @param name of the process, as the label `process` of every figure
 */
export function createProcessMetrics(name: string): ProcessMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process: name });
  const eventLoop = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  eventLoop.enable();
  const startedAtSeconds = Date.now() / 1000 - process.uptime();

  const addFigures = (figures: readonly ReadFigure[]): void => {
    for (const group of Map.groupBy(figures, (figure) => figure.name).values()) addGroup(registry, group);
  };
  addFigures([
    {
      name: 'process_cpu_seconds_total',
      help: 'User and system CPU time',
      type: 'counter',
      read: () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Resident memory',
      type: 'gauge',
      read: () => process.memoryUsage.rss(),
    },
    {
      name: 'process_heap_bytes',
      help: 'Used heap of V8',
      type: 'gauge',
      read: () => process.memoryUsage().heapUsed,
    },
    {
      name: 'process_start_time_seconds',
      help: 'Start of the process since the epoch',
      type: 'gauge',
      read: () => startedAtSeconds,
    },
    {
      name: 'nodejs_eventloop_lag_p99_seconds',
      help: 'Delay of the event loop, 99th percentile since the last reading',
      type: 'gauge',
      read: () => {
        const seconds = eventLoop.percentile(99) / NANOSECONDS_PER_SECOND;
        eventLoop.reset();
        return Number.isFinite(seconds) ? seconds : null;
      },
    },
  ]);
  return { registry, addFigures, render: () => registry.metrics(), close: () => void eventLoop.disable() };
}

/** The library counts by steps and begins figures without labels at 0; here the whole is read, or left out. */
function addGroup(registry: Registry, figures: readonly ReadFigure[]): void {
  const [first] = figures;
  if (first === undefined) return;
  const { name, help, type } = first;
  const options = { name, help, labelNames: Object.keys(first.labels ?? {}), registers: [registry] };
  const fill = (metric: Gauge | Counter): void => {
    metric.reset();
    metric.remove({});
    for (const { read, labels = {} } of figures) {
      const value = read();
      if (value !== null) metric.inc(labels, value);
    }
  };
  const metric: Gauge | Counter =
    type === 'gauge'
      ? new Gauge({ ...options, collect: () => fill(metric) })
      : new Counter({ ...options, collect: () => fill(metric) });
}

/** A histogram of seconds that the caller observes. */
export function createDurationHistogram(
  { registry }: ProcessMetrics,
  options: { readonly name: string; readonly help: string; readonly labelNames: readonly string[] },
): Histogram {
  return new Histogram({
    ...options,
    labelNames: [...options.labelNames],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
}
