import { randomInt } from 'node:crypto';
import { readCidr, type Site } from '@flotilla/contracts';
import type { LimiterDecision } from '@flotilla/traffic';
import type { Logger } from '@flotilla/runtime';
import type { CoreClock } from '../shared/core-clock.ts';
import { BanRate } from './ban-rate.ts';
import { LimiterFeed } from './limiter-feed.ts';
import type { LineReader } from '../shared/log-feed.ts';
import type { Bans } from './start-bans.ts';

/** More of them are rather an error of ours, or everybody: the limits of nginx still hold then. */
const MAX_BANS_PER_MINUTE = 600;
/** Of what `randomInt` gives. */
const SEEDS = 2 ** 32;

export interface LimiterDeps {
  /** What the node is to serve; another list when something changed. */
  readonly readSites: () => readonly Site[];
  readonly bans: Pick<Bans, 'ban' | 'isSpared'>;
  readonly clock: CoreClock;
  readonly logger: Logger;
}

/**
 * Bans clients that send too many requests to a service, by what nginx's log says.
 * @returns what is to read the lines of the log
 */
export function startLimiter({ readSites, bans, clock, logger }: LimiterDeps): LineReader {
  let sites: readonly Site[] | null = null;

  const rate = new BanRate(MAX_BANS_PER_MINUTE);
  const ban = ({ client, serviceId, timeMs, untilMs, requestsPerSecond, offence }: LimiterDecision): void => {
    const reading = readCidr(client);
    // The log has the host's time.
    const offsetMs = clock.offsetMs() ?? 0;
    const isOver = untilMs <= Date.now();
    if (serviceId === null || !reading.ok || isOver) return;
    const [startedAt, expiresAt] = [timeMs, untilMs].map((ms) => new Date(Math.round(ms + offsetMs)).toISOString());
    if (startedAt === undefined || expiresAt === undefined) return;
    const [room, isNews] = rate.take(performance.now());
    if (isNews)
      logger.warn({ bansPerMinute: MAX_BANS_PER_MINUTE }, 'the limiter has banned as many as it may in a minute');
    if (!room) return;
    const banned = bans.ban({ target: reading.cidr, serviceId, startedAt, expiresAt, requestsPerSecond, offence });
    if (banned)
      logger.info({ client, serviceId, requestsPerSecond, offence }, 'a client sends too many requests; it is banned');
  };

  const feed = new LimiterFeed({ seed: randomInt(SEEDS), isSpared: bans.isSpared, onDecision: ban });
  return (line) => {
    const current = readSites();
    if (current !== sites)
      feed.setLimits(new Map(current.map(({ serviceId, firewall }) => [serviceId, firewall.banAbove])));
    sites = current;
    feed.observe(line);
  };
}
