import { LOAD_STREAM, type ScalingDecision } from '@flotilla/contracts';
import type { ReadFigure } from '@flotilla/runtime';
import { ConsumerFigures } from '../consumer/consumer-figures.ts';

/** Name in reports; each partition has a consumer of its own, which the bus forgets. */
const CONSUMER = 'scaling';

/** What the role `scaling` of this process has done since the start. */
export class ScalingFigures {
  /** `rows` are samples that counted, `duplicates` those that were there already or came too late. */
  readonly load = new ConsumerFigures({ stream: LOAD_STREAM.name, consumer: CONSUMER });
  readonly #decisions: Record<ScalingDecision['outcome'], number>;
  readonly #counts: Record<'overtaken' | 'failed' | 'replayed' | 'droppedPoints', number>;
  #partitions: () => number = () => 0;

  constructor(
    decisions = { scaled: 0, held: 0, dry_run: 0, manual: 0 },
    counts = { overtaken: 0, failed: 0, replayed: 0, droppedPoints: 0 },
  ) {
    this.#decisions = decisions;
    this.#counts = counts;
  }

  /** Counts decisions together with these, and what is read apart: the same is read for these as well. */
  forStandIn(): ScalingFigures {
    return new ScalingFigures(this.#decisions, { ...this.#counts });
  }

  countDecision(outcome: ScalingDecision['outcome']): void {
    this.#decisions[outcome] += 1;
  }

  /** A decision came too late: the number or the policy was changed meanwhile, by a person or another owner. */
  countOvertaken(): void {
    this.#counts.overtaken += 1;
  }

  countFailed(): void {
    this.#counts.failed += 1;
  }

  countReplayed(samples: number): void {
    this.#counts.replayed += samples;
  }

  countDroppedPoints(points: number): void {
    this.#counts.droppedPoints += points;
  }

  watchPartitions(count: () => number): void {
    this.#partitions = count;
  }

  /** For `/metrics`. */
  plan(): ReadFigure[] {
    const counter = (name: string, help: string, read: () => number): ReadFigure => ({
      name: `flotilla_scaling_${name}_total`,
      help,
      type: 'counter',
      read,
    });
    return [
      {
        name: 'flotilla_scaling_partitions',
        help: 'Partitions that this worker decides for',
        type: 'gauge',
        read: () => this.#partitions(),
      },
      ...(['scaled', 'held', 'dry_run'] as const).map((outcome) => ({
        ...counter('decisions', 'Decisions recorded', () => this.#decisions[outcome]),
        labels: { outcome },
      })),
      counter('overtaken_decisions', 'Decisions that came too late', () => this.#counts.overtaken),
      counter('failed_decisions', 'Decisions that could not be made or stored', () => this.#counts.failed),
      counter('replayed_samples', 'Samples read again at take-over', () => this.#counts.replayed),
      counter('dropped_points', 'Points of charts that were not stored', () => this.#counts.droppedPoints),
    ];
  }
}
