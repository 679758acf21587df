import type { Pipeline } from '@flotilla/contracts';

/** A sentence about the pipeline: a text of this feature, and what stands in it. */
export interface PipelineFinding {
  readonly tone: 'good' | 'busy' | 'bad';
  readonly text: 'well' | 'busAway' | 'noIngestion' | 'behind' | 'lost' | 'dropped' | 'rollupsWait';
  readonly values: Readonly<Record<string, string | number>>;
}

/** Messages that wait are a batch under way up to here; a fleet of 2,000 nodes sends 400 a second. */
const MANY_WAITING = 2000;
const MANY_ROLLUPS = 5000;
const INGESTION = 'ingestion';

/** What is wrong with the way of samples, the worst first; one good word when nothing is. */
export function decidePipelineHealth(pipeline: Pipeline): PipelineFinding[] {
  const findings = [...findBusProblems(pipeline), ...findConsumerProblems(pipeline), ...findLaterProblems(pipeline)];
  return findings.length > 0 ? findings : [{ tone: 'good', text: 'well', values: {} }];
}

function findBusProblems({ streams, busProblem, workers }: Pipeline): PipelineFinding[] {
  if (streams === null) return [{ tone: 'bad', text: 'busAway', values: { reason: busProblem ?? '' } }];
  // Workers report over the bus: without it nothing is known of them.
  const isIngested = workers.some(({ roles }) => roles.includes(INGESTION));
  return isIngested ? [] : [{ tone: 'bad', text: 'noIngestion', values: {} }];
}

function findConsumerProblems({ streams }: Pipeline): PipelineFinding[] {
  return (streams ?? []).flatMap(({ name: stream, consumers }) =>
    consumers.flatMap(({ name, waiting, lostUnread }): PipelineFinding[] => [
      ...((lostUnread ?? 0) > 0
        ? [{ tone: 'bad', text: 'lost', values: { stream, count: lostUnread ?? 0 } } as const]
        : []),
      ...(waiting > MANY_WAITING ? [{ tone: 'busy', text: 'behind', values: { name, count: waiting } } as const] : []),
    ]),
  );
}

function findLaterProblems({ spools, storage }: Pipeline): PipelineFinding[] {
  const dropped = spools.filter(({ droppedSamples }) => (droppedSamples ?? 0) > 0).length;
  return [
    ...(dropped > 0 ? [{ tone: 'busy', text: 'dropped', values: { count: dropped } } as const] : []),
    ...(storage.waitingRollups > MANY_ROLLUPS
      ? [{ tone: 'busy', text: 'rollupsWait', values: { count: storage.waitingRollups } } as const]
      : []),
  ];
}
