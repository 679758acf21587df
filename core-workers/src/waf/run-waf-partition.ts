import { setTimeout as delay } from 'node:timers/promises';
import { subjects, SUSPECTS_STREAM } from '@flotilla/contracts';
import { runPeriodically, type BusConnection, type Logger } from '@flotilla/runtime';
import type { RuleDecision } from '@flotilla/traffic';
import { readPartitionStream } from '../shared/partitions/read-partition-stream.ts';
import type { BanWatch } from './ban-watch.ts';
import type { CrawlerCheck } from './crawler-check.ts';
import type { EvidenceWriter } from './evidence-writer.ts';
import { parseSuspects, type AgentSuspects } from './parse-suspects.ts';
import { planBan, type DecisionRecord } from './plan-ban.ts';
import { WafPartition } from './waf-partition.ts';
import type { WafFigures } from './waf-figures.ts';

/** Wait after the bus failed; doubled after each failure in a row. */
const PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
/** The stream keeps nothing longer. */
const LONGEST_MEMORY_MS = SUSPECTS_STREAM.maxAgeMs;
/** Decisions that wait for the database; each is retried until it is stored or the partition is given up. */
const MAX_WAITING = 1000;

export interface RunWafPartitionDeps {
  readonly bus: BusConnection;
  readonly logger: Logger;
  readonly figures: WafFigures;
  readonly watch: BanWatch;
  readonly crawlers: Pick<CrawlerCheck, 'knows' | 'verify'>;
  readonly evidence: Pick<EvidenceWriter, 'add'>;
  readonly store: (record: DecisionRecord) => Promise<void>;
}

/**
 * Decides on one partition's clients until the signal aborts:
 *
 *     lock ─▶ bans and exceptions of the database ─▶ what the rules look back is read again ─▶ what is told now
 *                                                          └── decisions are stored all the same: those that the owner
 *                                                              before had stored are known by their key and by the ban
 */
export async function runWafPartition(number: number, deps: RunWafPartitionDeps, signal: AbortSignal): Promise<void> {
  const { bus, figures, logger, watch } = deps;
  const storing = new DecisionQueue(deps, signal);
  const takenOverAt = Date.now();
  let partition: WafPartition | null = null;
  let readFrom = 0;
  const loop = runPeriodically(
    async () => {
      if (partition === null) {
        const next: WafPartition = new WafPartition({
          number,
          countFleetBans: watch.countFleetBans,
          isVerifiedCrawler: (target) => deps.crawlers.knows(target),
          onDecision: (decision) => storing.add(decision, (target) => next.forgive(target)),
        });
        await watch.follow(number, next);
        partition = next;
        readFrom = takenOverAt - Math.min(partition.memoryMs, LONGEST_MEMORY_MS);
      }
      const current = partition;
      await readPartitionStream(
        {
          stream: SUSPECTS_STREAM.name,
          subject: subjects.suspectsOfPartition(number),
          readFrom,
          onEmpty: () => undefined,
          onMessage: (message, storedAt) => {
            readFrom = storedAt;
            figures.suspects.add({ messages: 1 });
            const suspects = parseSuspects(message.data, message.subject);
            if (suspects.ok) {
              figures.suspects.setLag(Date.now() - suspects.value.message.sampledAt);
              const isNew = current.observe(suspects.value, storedAt);
              figures.suspects.add(isNew ? { rows: 1 } : { duplicates: 1 });
              if (isNew) keep(deps, number, suspects.value, storedAt);
            } else {
              figures.suspects.add({ refusedValues: 1 });
              logger.debug({ subject: message.subject, reason: suspects.reason }, 'refused a message of suspects');
            }
          },
        },
        bus,
        signal,
      );
    },
    {
      intervalMs: PAUSE_MS,
      maxBackoffMs: LONGEST_PAUSE_MS,
      signal,
      onError: (err, attempt) => logger.warn({ err, attempt, partition: number }, 'cannot read suspects'),
    },
  );
  await loop.finished;
  watch.leave(number);
  await storing.settled();
}

/** What says of nobody anything is not kept. */
function keep(
  { evidence }: Pick<RunWafPartitionDeps, 'evidence'>,
  partition: number,
  { agentId, message }: AgentSuspects,
  storedAt: number,
): void {
  if (message.suspects.length === 0) return;
  evidence.add({ agentId, partition, sampledAt: new Date(message.sampledAt), storedAt: new Date(storedAt), message });
}

interface WaitingDecision {
  readonly record: DecisionRecord;
  /** Never rejects. */
  readonly isCrawler: Promise<boolean>;
  readonly spare: () => void;
}

/** Stores decisions one after the other, each until it is stored. What is left when the signal aborts the next owner decides. */
class DecisionQueue {
  readonly #deps: RunWafPartitionDeps;
  readonly #signal: AbortSignal;
  readonly #waiting: WaitingDecision[] = [];
  #working: Promise<void> | null = null;

  constructor(deps: RunWafPartitionDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  /** @param forgive takes the ban back, when it turns out that nobody is to be banned */
  add(decision: RuleDecision, forgive: (target: string) => void): void {
    const { crawlers, figures, logger } = this.#deps;
    figures.countDecision(decision.outcome);
    const record = planBan(decision);
    if (record.ban === null && record.event === null) return;
    if (this.#waiting.length >= MAX_WAITING) {
      // The rule has been told that somebody is banned who is not: only a restart would decide anew. Say so.
      logger.error({ ruleId: decision.ruleId }, 'a decision is lost: too many wait for the database');
      return;
    }
    // Asked now, so that what waits in the queue is known when its turn comes.
    const isCrawler = record.ban === null ? Promise.resolve(false) : crawlers.verify(decision.group);
    this.#waiting.push({ record, isCrawler, spare: () => forgive(decision.group) });
    this.#working ??= this.#work();
  }

  async settled(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    let pauseMs = PAUSE_MS;
    for (let [next] = this.#waiting; next !== undefined && !this.#signal.aborted; [next] = this.#waiting) {
      try {
        if (await next.isCrawler) {
          this.#deps.figures.countDecision('spared');
          next.spare();
        } else await this.#deps.store(next.record);
        this.#waiting.shift();
        pauseMs = PAUSE_MS;
      } catch (err) {
        this.#deps.figures.countFailed();
        this.#deps.logger.warn({ err }, 'cannot store a ban; it is tried again');
        await delay(pauseMs, undefined, { signal: this.#signal }).catch(() => undefined);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
    this.#working = null;
  }
}
