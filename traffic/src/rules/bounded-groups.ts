import { FrequencySketch } from './frequency-sketch.ts';
import { hashText } from './hash-text.ts';

interface Ageing {
  /** Of what was added last. */
  readonly lastAtMs: number;
}

/** Places that are looked at for one that a new group may have. */
const CANDIDATES = 4;

/**
 * States by group, at most so many. When it is full, a new group takes the place of one that was not seen as often lately
 * (TinyLFU), of the next few in turn: millions of addresses that come once cannot push out those that stay, nor keep out one
 * that comes again and again.
 */
export class BoundedGroups<State extends Ageing> {
  readonly #capacity: number;
  readonly #memoryMs: number;
  readonly #places = new Map<string, number>();
  readonly #groups: (string | null)[] = [];
  readonly #hashes: number[] = [];
  readonly #states: (State | null)[] = [];
  /** Places that a deleted group has left. */
  readonly #free: number[] = [];
  #next = 0;
  /** Made when it is needed: few engines are ever full. */
  #sketch: FrequencySketch | null = null;

  /** @param memoryMs a state that was not touched for so long says nothing any more */
  constructor(capacity: number, memoryMs: number) {
    this.#capacity = capacity;
    this.#memoryMs = memoryMs;
  }

  /** The group's state, made when there is none; null when there is no room for it now. */
  open(group: string, timeMs: number, create: () => State): State | null {
    const place = this.#places.get(group);
    if (place !== undefined) {
      this.#sketch?.add(this.#hashes[place] ?? 0);
      return this.#states[place] ?? null;
    }
    const hash = hashText(group);
    const room = this.#findRoom(hash, timeMs);
    if (room === null) return null;
    const state = create();
    this.#places.set(group, room);
    this.#groups[room] = group;
    this.#hashes[room] = hash;
    this.#states[room] = state;
    return state;
  }

  delete(group: string): void {
    const place = this.#places.get(group);
    if (place === undefined) return;
    this.#places.delete(group);
    this.#groups[place] = null;
    this.#states[place] = null;
    this.#free.push(place);
  }

  get size(): number {
    return this.#places.size;
  }

  #findRoom(hash: number, timeMs: number): number | null {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#groups.length < this.#capacity) return this.#groups.length;
    this.#sketch ??= new FrequencySketch();
    this.#sketch.add(hash);
    const frequency = this.#sketch.estimate(hash);
    for (let tried = 0; tried < CANDIDATES; tried += 1) {
      const place = this.#next;
      this.#next = (place + 1) % this.#capacity;
      const isOver = (this.#states[place]?.lastAtMs ?? 0) < timeMs - this.#memoryMs;
      if (!isOver && frequency <= this.#sketch.estimate(this.#hashes[place] ?? 0)) continue;
      this.#places.delete(this.#groups[place] ?? '');
      return place;
    }
    return null;
  }
}
