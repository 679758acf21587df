import { insertScalingPoints, type Database, type ScalingPointRow } from '@flotilla/core-db';
import type { ScalingEvaluation } from './decide/decide-replicas.ts';

/** A chart shows no more than that, and a service tells three times as often. */
const POINT_EVERY_MS = 15_000;
const MOST_WAITING = 20_000;

/** Points of charts, at most one a service in 15 s, written together. */
export class HistoryPoints {
  readonly #database: Database;
  readonly #lastAt = new Map<string, number>();
  #waiting: ScalingPointRow[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns false when it was dropped, because too many wait for the database already */
  add(serviceId: string, wanted: number, { at, ready, targets, activeSchedule }: ScalingEvaluation): boolean {
    if (at - (this.#lastAt.get(serviceId) ?? Number.NEGATIVE_INFINITY) < POINT_EVERY_MS) return true;
    if (this.#waiting.length >= MOST_WAITING) return false;
    this.#lastAt.set(serviceId, at);
    this.#waiting.push({ serviceId, at: new Date(at), wanted, ready, targets, activeSchedule });
    return true;
  }

  forget(serviceId: string): void {
    this.#lastAt.delete(serviceId);
  }

  /** Writes what waits. @throws when the database cannot be asked; then it waits on */
  async flush(): Promise<void> {
    const points = this.#waiting;
    if (points.length === 0) return;
    this.#waiting = [];
    try {
      await insertScalingPoints(this.#database.manager, points);
    } catch (error) {
      this.#waiting = [...points, ...this.#waiting].slice(-MOST_WAITING);
      throw error;
    }
  }
}
