import type { Logger } from '@flotilla/runtime';
import {
  chooseBestMeasurement,
  chooseClockOffset,
  chooseMeasurements,
  type ClockMeasurement,
} from './choose-clock-offset.ts';

/** A question and its answer. */
export interface ClockExchange {
  /** By `performance.now()`. */
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
  /** The Core's clock in between, milliseconds since the epoch. */
  readonly serverTimeMs: number;
}

export interface CoreClock {
  readonly measure: (exchange: ClockExchange) => void;
  /** The Core's clock less the host's, in whole milliseconds; 0 below a second; null before the first measurement. */
  readonly offsetMs: () => number | null;
  /** Milliseconds since the epoch by the Core's clock, as far as it is known. */
  readonly now: () => number;
}

interface Clocks {
  /** One that nobody sets. */
  readonly monotonicMs: () => number;
  /** The host's, which may be wrong and may be set at any time. */
  readonly wallMs: () => number;
}

const PROCESS_CLOCKS: Clocks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

/**
 * The Core's time on this host. The Core is measured against a clock that nobody sets; the offset of the host's clock
 * follows from that at any moment, so it is right at once when somebody sets the host's clock.
 */
export function createCoreClock(logger: Logger, { monotonicMs, wallMs }: Clocks = PROCESS_CLOCKS): CoreClock {
  let measurements: readonly ClockMeasurement[] = [];
  let currentMs: number | null = null;

  const offsetMs = (): number | null => {
    const best = chooseBestMeasurement(measurements);
    if (best === null) return null;
    const { differenceMs, uncertaintyMs } = best;
    const nextMs = chooseClockOffset({ measuredMs: differenceMs + monotonicMs() - wallMs(), uncertaintyMs, currentMs });
    if (nextMs !== 0 && nextMs !== currentMs) {
      logger.warn(
        { clockOffsetMs: nextMs, uncertaintyMs },
        'this host’s clock is wrong; samples carry the Core’s time',
      );
    } else if (nextMs === 0 && currentMs !== null && currentMs !== 0) {
      logger.info('this host’s clock is right again');
    }
    currentMs = nextMs;
    return nextMs;
  };

  return {
    measure: ({ sentAtMs, receivedAtMs, serverTimeMs }) => {
      const newest = {
        differenceMs: serverTimeMs - (sentAtMs + receivedAtMs) / 2,
        uncertaintyMs: (receivedAtMs - sentAtMs) / 2,
      };
      measurements = chooseMeasurements(measurements, newest);
    },
    offsetMs,
    now: () => Math.round(wallMs() + (offsetMs() ?? 0)),
  };
}
