import { readCidr } from '@flotilla/contracts';
import { keyOfRefused, type BanChange, type BanGate, type RefusedNetwork } from '../../shared/ban-gate.ts';

export interface BanGateDeps {
  /** What is in force at the start. */
  readonly refused: ReadonlyMap<string, RefusedNetwork>;
  /** Puts all that is refused in force. @throws Error in nginx's words; what was in force stays */
  readonly enforce: (refused: ReadonlyMap<string, RefusedNetwork>) => Promise<void>;
  /** From one reload to the next. */
  readonly intervalMs: number;
  /** Ends it: what waits then is rejected. */
  readonly signal: AbortSignal;
}

/**
 * Collects changes, so that an attack costs one reload an interval however many are banned, and the first does not wait:
 *
 *     change ─▶ reload        change, change, change ─▶ (the rest of the interval) ─▶ one reload
 */
export function createBanGate({ enforce, intervalMs, signal, ...deps }: BanGateDeps): BanGate {
  const refused = new Map(deps.refused);
  let callers: PromiseWithResolvers<void>[] = [];
  let isScheduled = false;
  let notBeforeMs = 0;

  const run = async (): Promise<void> => {
    const answered = callers;
    callers = [];
    notBeforeMs = performance.now() + intervalMs;
    try {
      await enforce(new Map(refused));
      for (const { resolve } of answered) resolve();
    } catch (error) {
      for (const { reject } of answered) reject(error);
    }
    isScheduled = false;
    if (callers.length > 0) schedule();
  };

  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setTimeout(() => void run(), Math.max(0, notBeforeMs - performance.now())).unref();
  };

  signal.addEventListener('abort', () => {
    for (const { reject } of callers) reject(new Error(ENDED));
    callers = [];
  });

  return {
    setBans: ({ added, lifted }: BanChange): Promise<void> => {
      if (signal.aborted) return Promise.reject(new Error(ENDED));
      const wrong = added.find(({ network }) => !isCanonical(network));
      if (wrong !== undefined) return Promise.reject(new RangeError(`${wrong.network} is not a network`));
      for (const one of lifted) refused.delete(keyOfRefused(one));
      for (const one of added) refused.set(keyOfRefused(one), one);
      const caller = Promise.withResolvers<void>();
      callers.push(caller);
      schedule();
      return caller.promise;
    },
  };
}

const ENDED = 'the agent ends before nginx was told';

/** nginx would refuse a file with anything else in it, and with it every other change. */
function isCanonical(network: string): boolean {
  const reading = readCidr(network);
  return reading.ok && reading.cidr === network;
}
