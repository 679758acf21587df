import type { ConsumerReport } from '@flotilla/contracts';

/** Batches that the medians are taken of. */
const REMEMBERED_BATCHES = 100;

interface Batch {
  readonly messages: number;
  readonly durationMs: number;
}

type Counts = Pick<
  ConsumerReport,
  'messages' | 'rows' | 'duplicates' | 'redelivered' | 'deadLetters' | 'refusedValues' | 'batches'
>;

/** What one consumer of this process has done since the start, for the worker's report and `/metrics`. */
export class ConsumerFigures {
  readonly #names: Pick<ConsumerReport, 'stream' | 'consumer'>;
  readonly #counts: Counts = {
    messages: 0,
    rows: 0,
    duplicates: 0,
    redelivered: 0,
    deadLetters: 0,
    refusedValues: 0,
    batches: 0,
  };
  readonly #batches: Batch[] = [];
  #lagMs: number | null = null;

  constructor(names: Pick<ConsumerReport, 'stream' | 'consumer'>) {
    this.#names = names;
  }

  /** Adds to counters. */
  add(change: Partial<Counts>): void {
    for (const [name, count] of Object.entries(change) as [keyof Counts, number][]) this.#counts[name] += count;
  }

  /** A batch was committed. */
  addBatch(batch: Batch): void {
    this.add({ batches: 1 });
    this.#batches.push(batch);
    if (this.#batches.length > REMEMBERED_BATCHES) this.#batches.shift();
  }

  /** Age of the newest thing in the last batch when that was committed. */
  setLag(lagMs: number): void {
    this.#lagMs = Math.max(0, lagMs);
  }

  report(): ConsumerReport {
    const sizes = this.#batches.map(({ messages }) => messages);
    const durations = this.#batches.map(({ durationMs }) => durationMs);
    return {
      ...this.#names,
      ...this.#counts,
      batchSize: sizes.length === 0 ? null : { p50: percentile(sizes, 0.5), max: Math.max(...sizes) },
      batchMs: durations.length === 0 ? null : { p50: percentile(durations, 0.5), p99: percentile(durations, 0.99) },
      lagMs: this.#lagMs,
    };
  }
}

/** Nearest rank. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
