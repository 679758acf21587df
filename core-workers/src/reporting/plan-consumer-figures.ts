import type { ConsumerReport } from '@flotilla/contracts';
import type { ReadFigure } from '@flotilla/runtime';

const MS_PER_SECOND = 1000;

interface FigurePlan {
  readonly name: string;
  readonly help: string;
  readonly type: ReadFigure['type'];
  readonly pick: (report: ConsumerReport) => number | null;
}

const inSeconds = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : ms / MS_PER_SECOND;

const PLANS: readonly FigurePlan[] = [
  counter('messages', 'Messages received', ({ messages }) => messages),
  counter('rows', 'Rows stored', ({ rows }) => rows),
  counter('duplicate_rows', 'Rows that were there already', ({ duplicates }) => duplicates),
  counter('redelivered_messages', 'Messages that came again', ({ redelivered }) => redelivered),
  counter('dead_letters', 'Messages given up', ({ deadLetters }) => deadLetters),
  counter('refused_values', 'Values that could not be true', ({ refusedValues }) => refusedValues),
  counter('batches', 'Batches committed', ({ batches }) => batches),
  gauge('batch_messages_p50', 'Messages of a batch, median of the last 100', ({ batchSize }) => batchSize?.p50 ?? null),
  gauge('batch_p50_seconds', 'Until a batch is committed, median', ({ batchMs }) => inSeconds(batchMs?.p50)),
  gauge('batch_p99_seconds', 'Until a batch is committed, 99th percentile', ({ batchMs }) => inSeconds(batchMs?.p99)),
  gauge('lag_seconds', 'Age of the newest sample of the last batch when stored', ({ lagMs }) => inSeconds(lagMs)),
];

/** A consumer's figures by Prometheus's conventions, labelled with stream and consumer. */
export function planConsumerFigures(consumers: readonly { readonly report: () => ConsumerReport }[]): ReadFigure[] {
  return consumers.flatMap((figures) => {
    const { stream, consumer } = figures.report();
    return PLANS.map(({ pick, ...plan }) => ({
      ...plan,
      labels: { stream, consumer },
      read: () => pick(figures.report()),
    }));
  });
}

function counter(name: string, help: string, pick: FigurePlan['pick']): FigurePlan {
  return { name: `flotilla_consumer_${name}_total`, help, type: 'counter', pick };
}

function gauge(name: string, help: string, pick: FigurePlan['pick']): FigurePlan {
  return { name: `flotilla_consumer_${name}`, help, type: 'gauge', pick };
}
