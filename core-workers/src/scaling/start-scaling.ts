import { LOG_KEYS, runPeriodically, type ReadFigure } from '@flotilla/runtime';
import type { ConsumerFigures } from '../consumer/consumer-figures.ts';
import { lockSpaces, runPartitions } from '../shared/partitions/run-partitions.ts';
import { HistoryPoints } from './history-points.ts';
import { NodeRooms } from './node-rooms.ts';
import { Partition } from './partition.ts';
import { runPartition, type CreatePartition } from './run-partition.ts';
import { ScalingFigures } from './scaling-figures.ts';
import { storeDecision, type StoreDeps } from './store-decision.ts';
import { watchServices, type WatchedPartition } from './watch-services.ts';

const POINTS_EVERY_MS = 2000;

export interface RunningScaling {
  /** Resolves when the signal has aborted, and what was being stored is stored. */
  readonly finished: Promise<void>;
  readonly figures: readonly ConsumerFigures[];
  readonly readFigures: readonly ReadFigure[];
}

/** Starts the role `scaling`: each partition's services are decided for by one process. */
export function startScaling(deps: StoreDeps, signal: AbortSignal): RunningScaling {
  const { database, bus } = deps;
  const logger = deps.logger.child({ [LOG_KEYS.role]: 'scaling' });
  const figures = new ScalingFigures();
  const rooms = new NodeRooms(database);
  const points = new HistoryPoints({ database, figures });
  const partitions = new Map<number, WatchedPartition>();
  const watch = watchServices({ database, logger, rooms, partitions }, signal);
  const sharing = runPartitions(
    {
      database,
      spaces: lockSpaces.scaling,
      logger,
      work: (number, owned) => {
        const create: CreatePartition = (who, counted, ending) =>
          new Partition({
            logger,
            rooms,
            points,
            figures: counted,
            signal: ending,
            store: (plan) => storeDecision({ database, bus, logger }, plan),
            recordsHolds: who === 'heir',
            onOvertaken: watch.lookSoon,
          });
        return runPartition(number, create, { database, bus, logger, figures, partitions }, owned);
      },
    },
    signal,
  );
  figures.watchPartitions(() => sharing.owned().length);
  const history = runPeriodically(() => points.flush(), {
    intervalMs: POINTS_EVERY_MS,
    signal,
    onError: (err, attempt) => logger.warn({ err, [LOG_KEYS.attempt]: attempt }, 'cannot store points of charts'),
  });
  return {
    figures: [figures.load],
    readFigures: figures.plan(),
    finished: Promise.all([watch.finished, history.finished, sharing.finished]).then(() => undefined),
  };
}
