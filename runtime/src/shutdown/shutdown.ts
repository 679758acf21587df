import type { Logger } from '../logging/create-logger.ts';
import { withinBound } from './bounded.ts';

const DEFAULT_STEP_MS = 3000;
const DEFAULT_TOTAL_MS = 8000;

interface Step {
  readonly name: string;
  readonly close: () => unknown;
  readonly boundMs: number;
}

export interface ShutdownOptions {
  readonly logger: Logger;
  /** Bound for all steps together, in milliseconds; default 8000, below the 10 s that supervisors usually give. */
  readonly totalMs?: number;
}

/**
 * What a process must close, in the reverse of the order in which it was opened. `signal` aborts when the shutdown
 * begins, before the first step, so that loops end while what they use is still there.
 */
export class Shutdown {
  readonly #abort = new AbortController();
  readonly #steps: Step[] = [];
  readonly #logger: Logger;
  readonly #totalMs: number;
  #running: Promise<boolean> | null = null;

  constructor({ logger, totalMs = DEFAULT_TOTAL_MS }: ShutdownOptions) {
    this.#logger = logger;
    this.#totalMs = totalMs;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /**
   * Registers how to close something that was just opened.
   * @param boundMs how long it may take; past that the next step begins
   */
  add(name: string, close: () => unknown, boundMs: number = DEFAULT_STEP_MS): void {
    this.#steps.push({ name, close, boundMs });
  }

  /** Closes everything once; later calls wait for the first. Resolves with whether all steps ended well and in time. */
  run(): Promise<boolean> {
    this.#running ??= this.#closeAll();
    return this.#running;
  }

  async #closeAll(): Promise<boolean> {
    this.#abort.abort();
    const deadline = Date.now() + this.#totalMs;
    let isClean = true;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const boundMs = Math.min(step.boundMs, Math.max(0, deadline - Date.now()));
      const { name, close } = step;
      try {
        await withinBound(`closing ${name}`, boundMs, (async () => close())());
        this.#logger.debug({ step: name }, 'closed');
      } catch (err) {
        isClean = false;
        this.#logger.error({ err, step: name }, `could not close ${name} in order`);
      }
    }
    return isClean;
  }
}
