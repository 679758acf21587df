import { heartbeat } from '@flotilla/contracts';
import type { PoolState } from '@flotilla/core-db';
import { createDurationHistogram, createProcessMetrics, type ReadFigure } from '@flotilla/runtime';
import type { Answered } from '../http/index.ts';

const MS_PER_SECOND = 1000;
/** As nginx writes it: the caller was gone before the answer. */
const ABORTED = 'aborted';

export interface ApiFiguresDeps {
  /** Null while the pool is not open. */
  readonly readPool: () => PoolState | null;
  /** Connections to the bus by name, and whether they stand. */
  readonly buses: Readonly<Record<string, () => boolean>>;
}

export interface ApiFigures {
  readonly onAnswered: (answered: Answered) => void;
  /** The text of `GET /metrics`. */
  readonly render: () => Promise<string>;
  readonly close: () => void;
}

/**
 * The figures of a core-api process. Requests are counted by the route's template, never by its path: ids would make a
 * figure of each node. What belongs to no route is not counted: anybody can ask for any number of paths.
 */
export function createApiFigures({ readPool, buses }: ApiFiguresDeps): ApiFigures {
  const metrics = createProcessMetrics('core-api');
  const durations = createDurationHistogram(metrics, {
    name: 'flotilla_api_request_duration_seconds',
    help: 'From the arrival of a request until its answer is out',
    labelNames: ['method', 'route', 'status'],
  });
  let heartbeats = 0;
  metrics.addFigures([
    {
      name: 'flotilla_api_heartbeats_total',
      help: 'Heartbeats of agents that were answered with what to do',
      type: 'counter',
      read: () => heartbeats,
    },
    ...planPoolFigures(readPool),
    ...Object.entries(buses).map(([bus, isConnected]): ReadFigure => ({
      name: 'flotilla_bus_connected',
      help: '1 while the connection to the bus stands, else 0',
      type: 'gauge',
      labels: { bus },
      read: () => (isConnected() ? 1 : 0),
    })),
  ]);
  return {
    onAnswered: ({ route, status, durationMs }) => {
      if (route === heartbeat && status === heartbeat.status) heartbeats += 1;
      const labels = { method: route.method.toUpperCase(), route: route.path, status: formatStatusClass(status) };
      durations.observe(labels, durationMs / MS_PER_SECOND);
    },
    render: metrics.render,
    close: metrics.close,
  };
}

function formatStatusClass(status: number | null): string {
  return status === null ? ABORTED : `${Math.floor(status / 100)}xx`;
}

function planPoolFigures(readPool: () => PoolState | null): ReadFigure[] {
  const states: readonly (keyof PoolState)[] = ['open', 'idle', 'waiting'];
  return states.map((state) => ({
    name: 'flotilla_database_pool',
    help: 'Connections of the pool that are open and idle, and statements that wait for one',
    type: 'gauge',
    labels: { state },
    read: () => readPool()?.[state] ?? null,
  }));
}
