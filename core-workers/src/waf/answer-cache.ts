const MAX_ENTRIES = 10_000;
/** Names of crawlers change seldom. */
const FOUND_MS = 24 * 3_600_000;
/** Also for no answer: it may come the next time. */
const NOT_FOUND_MS = 600_000;

/** What was answered, for as long as it is likely to be right. The oldest gives way. */
export class AnswerCache<Value> {
  readonly #now: () => number;
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  /** @param now milliseconds, of any beginning */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Undefined for what is not known, or not any more. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.untilMs > this.#now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: Value, isFound: boolean): void {
    this.#entries.delete(key);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, { value, untilMs: this.#now() + (isFound ? FOUND_MS : NOT_FOUND_MS) });
  }
}
