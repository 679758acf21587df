import type { Logger } from '@flotilla/runtime';
import { sleep } from '../../shared/sleep.ts';
import { chooseSampleDelayMs, chooseSamplePhaseMs } from './choose-sample-delay.ts';

export interface SamplingOptions {
  readonly agentId: string;
  readonly intervalMs: number;
  /** Milliseconds since the epoch by the Core's clock. */
  readonly now: () => number;
  readonly takeSample: () => Promise<void>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Takes samples at this agent's moments of each interval, one at a time. Resolves when the signal has aborted and the last
 * sample has ended.
 */
export async function runSampling({
  agentId,
  intervalMs,
  now,
  takeSample,
  logger,
  signal,
}: SamplingOptions): Promise<void> {
  const phaseMs = chooseSamplePhaseMs(agentId, intervalMs);
  let failuresInARow = 0;
  while (!signal.aborted) {
    await sleep(chooseSampleDelayMs({ nowMs: now(), intervalMs, phaseMs }), signal);
    if (signal.aborted) return;
    try {
      await takeSample();
      failuresInARow = 0;
    } catch (err) {
      failuresInARow += 1;
      if (failuresInARow === 1) logger.error({ err }, 'a sample failed; the next one is taken at its time');
    }
  }
}
