const ROWS = 4;
const ROW_BITS = 14;
const ROW_SIZE = 1 << ROW_BITS;
const MAX_COUNT = 255;
/** After so many additions all counts are halved, so that what was frequent once does not stay so. */
const HALVE_AFTER = 10 * ROW_SIZE * ROWS;
const FNV_PRIME = 0x01000193;
const SEEDS = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35];

/** About how often each of any number of keys was seen lately, in 64 KiB: never less than it was (count-min sketch). */
export class FrequencySketch {
  readonly #counts = new Uint8Array(ROWS * ROW_SIZE);
  #additions = 0;

  add(key: string): void {
    for (let row = 0; row < ROWS; row += 1) {
      const place = placeOf(key, row);
      const count = this.#counts[place] ?? 0;
      if (count < MAX_COUNT) this.#counts[place] = count + 1;
    }
    this.#additions += 1;
    if (this.#additions >= HALVE_AFTER) this.#halve();
  }

  estimate(key: string): number {
    let least = MAX_COUNT;
    for (let row = 0; row < ROWS; row += 1) least = Math.min(least, this.#counts[placeOf(key, row)] ?? 0);
    return least;
  }

  #halve(): void {
    for (let place = 0; place < this.#counts.length; place += 1) {
      this.#counts[place] = (this.#counts[place] ?? 0) >> 1;
    }
    this.#additions = 0;
  }
}

function placeOf(key: string, row: number): number {
  let hash = SEEDS[row] ?? 0;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), FNV_PRIME);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return row * ROW_SIZE + ((hash ^ (hash >>> 13)) & (ROW_SIZE - 1));
}
