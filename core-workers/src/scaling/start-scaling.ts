import { LOAD_STREAM } from '@flotilla/contracts';
import { LOG_KEYS } from '@flotilla/runtime';
import { ConsumerFigures } from '../consumer/consumer-figures.ts';
import { lockSpaces, runPartitions, type RunningPartitions } from '../shared/partitions/run-partitions.ts';
import { runScalingPartition, SCALING_CONSUMER, type ScalingDeps } from './run-scaling-partition.ts';

export interface RunningScaling extends RunningPartitions {
  readonly figures: readonly ConsumerFigures[];
}

/** Starts the role `scaling`: each partition's services are decided for by one process. */
export function startScaling(deps: ScalingDeps, signal: AbortSignal): RunningScaling {
  const logger = deps.logger.child({ [LOG_KEYS.role]: 'scaling' });
  const figures = new ConsumerFigures({ stream: LOAD_STREAM.name, consumer: SCALING_CONSUMER });
  const running = runPartitions(
    {
      database: deps.database,
      spaces: lockSpaces.scaling,
      work: (partition, ending) => runScalingPartition(partition, { ...deps, logger, figures }, ending),
      logger,
    },
    signal,
  );
  return { ...running, figures: [figures] };
}
