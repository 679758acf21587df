/** A container or series that the database knows. */
export interface KnownSubject {
  readonly ref: number;
  readonly name: string;
  /** As it stands in the database. */
  readonly lastSeenMs: number;
}

/** What is known of one agent. */
export interface KnownAgent {
  readonly containers: Map<string, KnownSubject>;
  readonly series: Map<string, KnownSubject>;
}

/**
 * `last_seen_at` is written this rarely, and may be as much behind a subject's newest row, never more: readers may skip
 * subjects that were last seen earlier than that before what they look for.
 */
export const LAST_SEEN_LAG_MS = 600_000;

/** Containers and series altogether; about 200 bytes each. */
const MOST_SUBJECTS = 200_000;

/**
 * Numbers of containers and series, so that a batch need not ask for them: of the agents that wrote last, as many as fit.
 * It holds only what was committed.
 */
export class SubjectCache {
  readonly #agents = new Map<string, KnownAgent>();
  readonly #mostSubjects: number;
  #subjects = 0;

  constructor(mostSubjects = MOST_SUBJECTS) {
    this.#mostSubjects = mostSubjects;
  }

  get size(): number {
    return this.#subjects;
  }

  get(agentId: string): KnownAgent | undefined {
    return this.#agents.get(agentId);
  }

  /** Takes over what a committed transaction has found or made. */
  merge(agentId: string, found: KnownAgent): void {
    const known = this.#agents.get(agentId) ?? { containers: new Map(), series: new Map() };
    const before = known.containers.size + known.series.size;
    for (const [key, subject] of found.containers) known.containers.set(key, subject);
    for (const [key, subject] of found.series) known.series.set(key, subject);
    this.#subjects += known.containers.size + known.series.size - before;
    // Anew at the end: the first in the map is the one that has brought nothing new for longest.
    this.#agents.delete(agentId);
    this.#agents.set(agentId, known);
    for (const oldest of this.#agents.keys()) {
      if (this.#subjects <= this.#mostSubjects) break;
      this.delete(oldest);
    }
  }

  delete(agentId: string): void {
    const known = this.#agents.get(agentId);
    if (known === undefined) return;
    this.#subjects -= known.containers.size + known.series.size;
    this.#agents.delete(agentId);
  }

  clear(): void {
    this.#agents.clear();
    this.#subjects = 0;
  }
}
