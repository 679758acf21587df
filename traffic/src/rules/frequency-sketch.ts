const ROWS = 4;
const ROW_BITS = 14;
const ROW_SIZE = 1 << ROW_BITS;
const MAX_COUNT = 255;
/** After so many additions all counts are halved, so that what was frequent once does not stay so. */
const HALVE_AFTER = 10 * ROW_SIZE * ROWS;
/** Odd, one for each row. */
const FACTORS = Int32Array.of(0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f);

/**
 * About how often each of any number of keys was seen lately, in 64 KiB: never less than it was (count-min sketch). Keys are
 * their hashes (`hashText`).
 */
export class FrequencySketch {
  readonly #counts = new Uint8Array(ROWS * ROW_SIZE);
  #additions = 0;

  add(hash: number): void {
    for (let row = 0; row < ROWS; row += 1) {
      const place = placeOf(hash, row);
      const count = this.#counts[place] ?? 0;
      if (count < MAX_COUNT) this.#counts[place] = count + 1;
    }
    this.#additions += 1;
    if (this.#additions >= HALVE_AFTER) this.#halve();
  }

  estimate(hash: number): number {
    let least = MAX_COUNT;
    for (let row = 0; row < ROWS; row += 1) least = Math.min(least, this.#counts[placeOf(hash, row)] ?? 0);
    return least;
  }

  #halve(): void {
    for (let place = 0; place < this.#counts.length; place += 1) {
      this.#counts[place] = (this.#counts[place] ?? 0) >> 1;
    }
    this.#additions = 0;
  }
}

function placeOf(hash: number, row: number): number {
  const mixed = Math.imul(hash, FACTORS[row] ?? 1);
  return row * ROW_SIZE + (mixed >>> (32 - ROW_BITS));
}
