import { LOG_KEYS, type ReadFigure } from '@flotilla/runtime';
import type { ConsumerFigures } from '../consumer/consumer-figures.ts';
import { lockSpaces, runPartitions } from '../shared/partitions/run-partitions.ts';
import { watchBans } from './ban-watch.ts';
import { CrawlerCheck } from './crawler-check.ts';
import { startEvidenceWriter } from './evidence-writer.ts';
import { runWafPartition } from './run-waf-partition.ts';
import { storeBan, type StoreBanDeps } from './store-ban.ts';
import { WafFigures } from './waf-figures.ts';

export interface RunningWaf {
  /** Resolves when the signal has aborted, and what was being stored is stored. */
  readonly finished: Promise<void>;
  readonly figures: readonly ConsumerFigures[];
  readonly readFigures: readonly ReadFigure[];
}

/** Starts the role `waf`: each partition's clients are judged by one process, by what all nodes tell of them. */
export function startWaf(deps: StoreBanDeps, signal: AbortSignal): RunningWaf {
  const { database, bus } = deps;
  const logger = deps.logger.child({ [LOG_KEYS.role]: 'waf' });
  const figures = new WafFigures();
  const watch = watchBans({ database, logger }, signal);
  const crawlers = new CrawlerCheck({ settings: watch.guards, now: () => performance.now() });
  const evidence = startEvidenceWriter({ database, logger }, signal);
  figures.watchEvidence(evidence.dropped);
  const sharing = runPartitions(
    {
      database,
      spaces: lockSpaces.waf,
      logger,
      work: (number, owned) =>
        runWafPartition(
          number,
          {
            bus,
            logger,
            figures,
            watch,
            crawlers,
            evidence,
            store: (record) => storeBan({ database, bus, logger }, record),
          },
          owned,
        ),
    },
    signal,
  );
  figures.watchPartitions(() => sharing.owned().length);
  return {
    figures: [figures.suspects],
    readFigures: figures.plan(),
    finished: Promise.all([watch.finished, sharing.finished, evidence.finished]).then(() => undefined),
  };
}
