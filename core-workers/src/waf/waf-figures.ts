import { SUSPECTS_STREAM } from '@flotilla/contracts';
import type { ReadFigure } from '@flotilla/runtime';
import { ruleOutcomes, type RuleDecision } from '@flotilla/traffic';
import { ConsumerFigures } from '../consumer/consumer-figures.ts';

/** Name in reports; each partition has a consumer of its own, which the bus forgets. */
const CONSUMER = 'waf';

/** What the role `waf` of this process has done since the start. */
export class WafFigures {
  /** `rows` are messages that counted, `duplicates` those that were there already. */
  readonly suspects = new ConsumerFigures({ stream: SUSPECTS_STREAM.name, consumer: CONSUMER });
  readonly #decisions = new Map<RuleDecision['outcome'], number>();
  #failed = 0;
  #partitions: () => number = () => 0;
  #droppedEvidence: () => number = () => 0;

  countDecision(outcome: RuleDecision['outcome']): void {
    this.#decisions.set(outcome, (this.#decisions.get(outcome) ?? 0) + 1);
  }

  /** A decision could not be stored; it is tried again. */
  countFailed(): void {
    this.#failed += 1;
  }

  watchEvidence(countDropped: () => number): void {
    this.#droppedEvidence = countDropped;
  }

  watchPartitions(count: () => number): void {
    this.#partitions = count;
  }

  /** For `/metrics`. */
  plan(): ReadFigure[] {
    return [
      {
        name: 'flotilla_waf_partitions',
        help: 'Partitions that this worker decides for',
        type: 'gauge',
        read: () => this.#partitions(),
      },
      ...ruleOutcomes.map((outcome): ReadFigure => ({
        name: 'flotilla_waf_decisions_total',
        help: 'Decisions of rules',
        type: 'counter',
        labels: { outcome },
        read: () => this.#decisions.get(outcome) ?? 0,
      })),
      {
        name: 'flotilla_waf_dropped_evidence_total',
        help: 'Messages about suspects that were not stored for trials of rules',
        type: 'counter',
        read: () => this.#droppedEvidence(),
      },
      {
        name: 'flotilla_waf_failed_decisions_total',
        help: 'Tries to store a decision that failed',
        type: 'counter',
        read: () => this.#failed,
      },
    ];
  }
}
