import { setFlagsFromString } from 'node:v8';

/** Above it an interpreter has more than a tenth of a core to do. */
const MANY_PER_SECOND = 2000;
const FEW_PER_SECOND = 500;
const SPAN_MS = 1000;
/** So long there must be few before the compiler goes: what it made stays while it is used. */
const QUIET_MS = 60_000;

const OFF = '--no-maglev';

/** Switches one of V8's compilers on and off; not in a process that was started with it. */
const setMaglev = (isOn: boolean): void => {
  if (process.execArgv.includes(OFF)) setFlagsFromString(isOn ? '--maglev' : OFF);
};

/**
 * Lets V8 compile while there is much to do. The agent runs without compilers, for their memory (compose/README.md); with one, lines
 * are read five times as fast, at 12 MiB more. A process that was started with compilers keeps them.
 */
export class CompilerSwitch {
  readonly #set: (isOn: boolean) => void;
  #isOn = false;
  #count = 0;
  #spanBeganAtMs: number | null = null;
  #fewSinceMs: number | null = null;

  constructor(set: (isOn: boolean) => void = setMaglev) {
    this.#set = set;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /**
   * @param lines to be done, since the call before
   * @param nowMs by a clock that nobody sets
   */
  note(lines: number, nowMs: number): void {
    this.#count += lines;
    this.#spanBeganAtMs ??= nowMs;
    const spanMs = nowMs - this.#spanBeganAtMs;
    // A burst is not waited for.
    if (spanMs < SPAN_MS && this.#count < MANY_PER_SECOND) return;
    const perSecond = (this.#count * 1000) / Math.max(SPAN_MS, spanMs);
    this.#count = 0;
    this.#spanBeganAtMs = nowMs;
    if (perSecond >= MANY_PER_SECOND) this.#turn(true);
    if (perSecond >= FEW_PER_SECOND) this.#fewSinceMs = null;
    else this.#fewSinceMs ??= nowMs;
    if (this.#fewSinceMs !== null && nowMs - this.#fewSinceMs >= QUIET_MS) this.#turn(false);
  }

  #turn(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#set(isOn);
  }
}
