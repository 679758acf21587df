import { suspicionClass, type Rule, type RuleMatch, type SuspicionClass } from '@flotilla/contracts';
import { compileGlob, type PathTest } from './compile-glob.ts';
import { compilePattern } from './compile-pattern.ts';
import type { SuspiciousRequests } from './observation.ts';

type SuspiciousMatch = Extract<RuleMatch, { of: 'suspicious' }>;

const bits = new Map<SuspicionClass, number>(suspicionClass.options.map((name, index) => [name, 1 << index]));

/** Classes as bits, so that a rule asks for them once and not by name. */
export function classBits(classes: readonly SuspicionClass[]): number {
  let all = 0;
  for (const name of classes) all |= bits.get(name) ?? 0;
  return all;
}

/** What a rule asks of an observation besides itself, made once for all rules. */
export interface PreparedRequest {
  readonly request: SuspiciousRequests;
  readonly classBits: number;
  /** As `plainPath` gives it; empty when there is none. */
  readonly path: string;
}

/** What a part of a rule's match asks for, in the order of what it costs. */
export interface MatchPart {
  readonly field: 'classes' | 'statuses' | 'methods' | 'paths' | 'exceptPaths' | 'userAgentPattern';
  readonly test: (prepared: PreparedRequest) => boolean;
}

/**
 * The parts of a match, all of which must hold.
 * @throws {TypeError} when the pattern does not compile: `findPatternProblems` is asked before a rule is taken
 */
export function compileMatch(match: SuspiciousMatch): MatchPart[] {
  const parts: (MatchPart | null)[] = [
    matchClasses(match),
    matchStatuses(match.statuses),
    matchMethods(match.methods),
    matchPaths('paths', match.paths, true),
    matchPaths('exceptPaths', match.exceptPaths, false),
    matchUserAgent(match.userAgentPattern),
  ];
  return parts.filter((part) => part !== null);
}

/** Every request that comes here has a class, so a rule that names none takes all of them. */
function matchClasses({ classes, minClasses }: SuspiciousMatch): MatchPart | null {
  if (classes.length === 0 && minClasses === 1) return null;
  const wanted = classes.length === 0 ? -1 : classBits(classes);
  const test = (prepared: PreparedRequest): boolean => {
    const found = prepared.classBits & wanted;
    return minClasses === 1 ? found !== 0 : countBits(found) >= minClasses;
  };
  return { field: 'classes', test };
}

function matchStatuses(statuses: SuspiciousMatch['statuses']): MatchPart | null {
  if (statuses.length === 0) return null;
  const wanted = new Set(statuses);
  const classOf = (status: number) => `${Math.floor(status / 100)}xx` as Extract<(typeof statuses)[number], string>;
  const test = ({ request: { status } }: PreparedRequest): boolean =>
    status !== null && (wanted.has(status) || wanted.has(classOf(status)));
  return { field: 'statuses', test };
}

function matchMethods(methods: readonly string[]): MatchPart | null {
  if (methods.length === 0) return null;
  const wanted = new Set(methods);
  return { field: 'methods', test: ({ request: { method } }) => method !== null && wanted.has(method) };
}

function matchPaths(field: 'paths' | 'exceptPaths', globs: readonly string[], isWanted: boolean): MatchPart | null {
  if (globs.length === 0) return null;
  const tests: PathTest[] = globs.map((glob) => compileGlob(glob));
  return { field, test: ({ path }) => tests.some((isMatch) => isMatch(path)) === isWanted };
}

function matchUserAgent(pattern: string | null): MatchPart | null {
  if (pattern === null) return null;
  const reading = compilePattern(pattern);
  if (!reading.ok) throw new TypeError(`the pattern ${pattern} ${reading.message}`);
  const test = ({ request: { userAgent } }: PreparedRequest): boolean => userAgent !== null && reading.test(userAgent);
  return { field: 'userAgentPattern', test };
}

function countBits(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** How far back the rule looks: what happened before this time changes none of its decisions. */
export function memoryMsOf({ threshold: { bucket, windowMs } }: Pick<Rule, 'threshold'>): number {
  return Math.max(windowMs, bucket === null ? 0 : Math.ceil((bucket.capacity / bucket.leakPerSecond) * 1000));
}
