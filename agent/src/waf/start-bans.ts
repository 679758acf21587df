import { randomUUID } from 'node:crypto';
import { MAX_LIMITER_BANS_PER_HEARTBEAT, type BansReport, type BansUpdate, type LimiterBan } from '@flotilla/contracts';
import type { Logger } from '@flotilla/runtime';
import { cidrOf, isNeverBanned } from '@flotilla/traffic';
import type { BanGate, RefusedNetwork } from '../shared/ban-gate.ts';
import type { CoreClock } from '../shared/core-clock.ts';
import type { BanBook } from './ban-book.ts';
import type { BansRepository } from './bans.repository.ts';

/** Of a timer: what expires later is looked for again then. */
const LONGEST_WAIT_MS = 3_600_000;
/** Between two tries when nginx does not take a change. */
const RETRY_MS = 5000;

export interface BansDeps {
  readonly book: BanBook;
  readonly repository: BansRepository;
  readonly gate: BanGate;
  readonly clock: CoreClock;
  /** There is something that the Core should hear now. */
  readonly onUrgent: () => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface Bans {
  /** What the Core says. Resolves when it is in force and on disk; never rejects. */
  readonly take: (update: BansUpdate) => Promise<void>;
  /** A ban of this node's limiter. @returns false when the client must not be banned */
  readonly ban: (ban: Omit<LimiterBan, 'id'>) => boolean;
  /** Whether a network must not be banned. */
  readonly isSpared: (network: string) => boolean;
  /** What the next heartbeat says. */
  readonly report: () => BansReport;
  /** Resolves when the signal has aborted and nothing is being written. */
  readonly finished: Promise<void>;
}

/** Who nginx refuses at its start, before anybody is asked. */
export function refusedAtStart(book: BanBook, clock: CoreClock): readonly RefusedNetwork[] {
  return book.advance(clock.now()).added;
}

/**
 * Keeps nginx to what the Core and this node's limiter have banned, and ends each ban when its time is over, also while the
 * Core is away:
 *
 *     heartbeat ─▶ take ─┐
 *     limiter ──▶ ban ───┼─▶ book ─▶ what changed ─▶ nginx ─▶ disk ─▶ told with the next heartbeat
 *     expiry ────────────┘
 */
export function startBans(deps: BansDeps): Bans {
  const { book, gate, clock, logger, signal } = deps;
  let enforcedRevision: number | null = null;
  /** nginx refused the last change; the gate has it, and puts it in force with the next. */
  let isBehind = false;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let applying: Promise<void> = Promise.resolve();
  /** The next one, which has not begun. */
  let waiting: Promise<void> | null = null;

  const save = (): Promise<void> => {
    writing = writing
      .then(() => deps.repository.write(book.remember()))
      .catch((err: unknown) => logger.error({ err }, 'bans are in force, but not on disk'));
    return writing;
  };

  /** Until the next one expires, or until nginx is asked again. */
  const schedule = (): void => {
    clearTimeout(timer);
    if (signal.aborted) return;
    const untilExpiryMs = (book.nextExpiryMs() ?? Infinity) - clock.now() + 1;
    const waitMs = Math.min(Math.max(untilExpiryMs, 0), isBehind ? RETRY_MS : LONGEST_WAIT_MS);
    timer = setTimeout(() => void apply(), waitMs).unref();
  };

  const applyNow = async (): Promise<void> => {
    const { revision } = book;
    const change = book.advance(clock.now());
    try {
      if (isBehind || change.added.length + change.lifted.length > 0) await gate.setBans(change);
      if (revision !== null) enforcedRevision = Math.max(revision, enforcedRevision ?? 0);
      isBehind = false;
    } catch (err) {
      if (signal.aborted) return;
      if (!isBehind) logger.error({ err }, 'nginx does not take a change of bans; it is tried again');
      isBehind = true;
    }
    schedule();
    await save();
  };

  /** One at a time: what comes meanwhile, thousands in an attack, is one change together. Resolves when it is in force and on disk. */
  const apply = (): Promise<void> => {
    waiting ??= applying.then(() => {
      waiting = null;
      return applyNow();
    });
    applying = waiting;
    return waiting;
  };

  const isSpared = (network: string): boolean => isNeverBanned(cidrOf(network), book.listAllowed(clock.now()));

  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  void apply();
  const ended = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

  return {
    take: async (update) => {
      book.take(update);
      if (update.hasMore) deps.onUrgent();
      await apply();
    },
    ban: (ban) => {
      if (isSpared(ban.target)) return false;
      book.addOwn({ ...ban, id: randomUUID() });
      void apply();
      deps.onUrgent();
      return true;
    },
    isSpared,
    report: () => ({
      revision: book.revision,
      enforcedRevision,
      limiterBans: book.own.slice(0, MAX_LIMITER_BANS_PER_HEARTBEAT),
    }),
    finished: ended.then(() => applying).then(() => writing),
  };
}
