/**
 * A map of at most so many keys that forgets those that were used longest ago. It keeps two generations: when the young one
 * is half of what may be, it becomes the old one, and what was old and not used since is gone. (To take the first key of one
 * Map again and again, as an exact order would, costs V8 a walk over all the holes that deleted keys leave.)
 */
export class BoundedMap<Key, Value> {
  readonly #half: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  constructor(capacity: number) {
    this.#half = Math.max(1, Math.floor(capacity / 2));
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: Key): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  /** Never more than the capacity; a key that is in both generations counts twice. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
