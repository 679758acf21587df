import { insertScalingPoints, type Database, type ScalingPointRow } from '@flotilla/core-db';
import type { ScalingFigures } from './scaling-figures.ts';

const BATCH = 1000;
/** Half a minute of what a worker with 10,000 services makes. */
const MOST_WAITING = 20_000;

/** Collects points of charts and writes them in batches. A chart may have a gap: what does not fit is dropped and counted. */
export class HistoryPoints {
  readonly #deps: { readonly database: Database; readonly figures: ScalingFigures };
  readonly #waiting: ScalingPointRow[] = [];

  constructor(deps: { readonly database: Database; readonly figures: ScalingFigures }) {
    this.#deps = deps;
  }

  add(point: ScalingPointRow): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(point);
    else this.#deps.figures.countDroppedPoints(1);
  }

  /** Writes what waits. @throws when the database cannot be asked; then it waits on */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH);
      await insertScalingPoints(this.#deps.database.manager, batch);
      this.#waiting.splice(0, batch.length);
    }
  }
}
