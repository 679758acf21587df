import type { Random } from '@flotilla/contracts/testing';

/** How long the log is. */
export const SPAN_S = 3 * 3600;
export const NODES = ['a', 'b', 'c'] as const;

/** One request of a log that is made up. */
export interface Ask {
  /** Seconds after the log's begin. */
  readonly at: number;
  readonly client: string;
  readonly node: (typeof NODES)[number];
  readonly service: string;
  readonly method: string;
  readonly uri: string;
  readonly status: number;
  readonly referrer: string | null;
  readonly userAgent: string | null;
  readonly user: string | null;
}

/** Who asks, and where: what is the same in all requests of a session. */
export type Asker = Pick<Ask, 'client' | 'node' | 'service' | 'userAgent'>;

/** What somebody asks for, from a time on. */
export type Session = (random: Random, asker: Asker, at: number) => Ask[];

/** @param change what is not a page that is there */
export function ask(asker: Asker, at: number, uri: string, change: Partial<Ask> = {}): Ask {
  return { ...asker, at, uri, method: 'GET', status: 200, referrer: null, user: null, ...change };
}

/** Sessions of one kind, one after the other, each by somebody at some time. */
export function repeat(count: number, build: (index: number) => Ask[]): Ask[] {
  return Array.from({ length: count }, (_, index) => build(index)).flat();
}
