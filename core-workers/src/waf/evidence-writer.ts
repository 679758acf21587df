import { insertEvidence, type Database, type WafEvidenceRow } from '@flotilla/core-db';
import { runPeriodically, type Logger } from '@flotilla/runtime';

const MINUTE_MS = 60_000;
const FLUSH_EVERY_MS = 1000;
const LONGEST_PAUSE_MS = 10_000;
/** Rows that wait while the database is away; what comes beyond is dropped. */
const MAX_WAITING = 2000;
const MAX_BATCH = 200;
/** Rows of this process in a minute: an attack fills no disk. Two hundred nodes with suspects in all partitions are 38,400. */
const MAX_PER_MINUTE = 6000;

export interface EvidenceWriter {
  readonly add: (row: WafEvidenceRow) => void;
  /** Rows that were dropped since the start. */
  readonly dropped: () => number;
  /** Resolves when the signal has aborted, and what waited has been tried once more. */
  readonly finished: Promise<void>;
}

/**
 * Stores what nodes said of suspects, for rules to be tried on. Best effort: bans do not wait for it, and what a worker loses that is
 * killed the next one stores, as far as it reads the stream again.
 */
export function startEvidenceWriter(
  { database, logger }: { readonly database: Database; readonly logger: Logger },
  signal: AbortSignal,
): EvidenceWriter {
  const waiting: WafEvidenceRow[] = [];
  let dropped = 0;
  let minute = 0;
  let inMinute = 0;

  const add = (row: WafEvidenceRow): void => {
    const now = Math.floor(Date.now() / MINUTE_MS);
    if (now !== minute) [minute, inMinute] = [now, 0];
    inMinute += 1;
    if (inMinute <= MAX_PER_MINUTE && waiting.length < MAX_WAITING) {
      waiting.push(row);
      return;
    }
    if (inMinute === MAX_PER_MINUTE + 1)
      logger.warn({ rowsPerMinute: MAX_PER_MINUTE }, 'more evidence than is stored in a minute; the rest is dropped');
    dropped += 1;
  };
  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH);
      await insertEvidence(database.manager, batch);
      waiting.splice(0, batch.length);
    }
  };
  const loop = runPeriodically(flush, {
    intervalMs: FLUSH_EVERY_MS,
    maxBackoffMs: LONGEST_PAUSE_MS,
    signal,
    onError: (err, attempt) => logger.warn({ err, attempt }, 'cannot store evidence; it is tried again'),
  });
  const finished = loop.finished
    .then(flush)
    .catch((err: unknown) => logger.warn({ err, rows: waiting.length }, 'evidence is lost'));
  return { add, dropped: () => dropped, finished };
}
