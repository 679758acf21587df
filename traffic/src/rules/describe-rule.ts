import type { Rule, SuspicionClass } from '@flotilla/contracts';

type RuleParts = Pick<Rule, 'match' | 'grouping' | 'threshold' | 'action' | 'isDryRun'>;

/** What requests of a class do. */
const CLASS_WORDS: Record<SuspicionClass, string> = {
  sensitive_path: 'ask for sensitive paths',
  scanner_agent: 'name a scanner',
  path_traversal: 'try path traversal',
  sql_injection: 'try SQL injection',
  xss: 'try cross-site scripting',
  shell_injection: 'try shell injection',
  template_injection: 'try template injection',
  not_found: 'ask for what is not there',
  auth_failure: 'are refused',
  login_attempt: 'log in',
  protocol_garbage: 'are no HTTP',
  rate: 'come in great number',
};
const GROUP_WORDS = { client: 'a client', network: 'a network (/24, or /64 of IPv6)', asn: 'an autonomous system' };
const REACH_WORDS = { service: 'on the service', node: 'on the node', fleet: 'on the whole fleet' };

/** A rule's data as a sentence of English. */
export function describeRule(rule: RuleParts): string {
  const { match, threshold } = rule;
  const requests = threshold.bucket === null ? 'requests' : describeBucket(threshold.bucket);
  const conditions = [describeMatch(match), describeDistinct(threshold), describeShare(threshold)];
  const sends = [requests, ...conditions.filter((words) => words !== '')].join(' ');
  const sentence = `${describeAction(rule)} when it sends ${sends}.`;
  return rule.isDryRun ? `Only records what it would do: ${sentence}` : sentence;
}

function describeAction({ action, grouping }: RuleParts): string {
  const group = GROUP_WORDS[grouping];
  if (action.kind === 'record') return `Records ${group}`;
  if (action.kind === 'notify') return `Notifies of ${group}`;
  return `Bans ${group} for ${formatSpan(action.durationMs)} ${REACH_WORDS[action.reach]}`;
}

function describeMatch(match: Rule['match']): string {
  if (match.of === 'volume') return 'of any kind';
  const { classes, minClasses, paths, exceptPaths, statuses, methods, userAgentPattern } = match;
  const kinds = joinWords(
    classes.map((name) => CLASS_WORDS[name]),
    'or',
  );
  const conditions = [
    minClasses > 1 && `at least ${minClasses} of these at once`,
    methods.length > 0 && `by ${joinWords(methods, 'or')}`,
    paths.length > 0 && `to paths like ${joinWords(paths, 'or')}`,
    exceptPaths.length > 0 && `except to ${joinSome(exceptPaths)}`,
    statuses.length > 0 && `answered with ${joinWords(statuses.map(String), 'or')}`,
    userAgentPattern !== null && `by a user agent like ${userAgentPattern}`,
  ].filter((condition) => condition !== false);
  return [`that ${kinds === '' ? 'are suspicious' : kinds}`, ...conditions].join(', ');
}

function describeBucket({ capacity, leakPerSecond }: NonNullable<Rule['threshold']['bucket']>): string {
  return capacity === 1 ? 'one request' : `${capacity} requests (${describeLeak(leakPerSecond)})`;
}

function describeDistinct({ distinctPaths, distinctServices, distinctNodes, windowMs }: Rule['threshold']): string {
  const numbers = [
    distinctPaths !== null && count(distinctPaths, 'distinct path'),
    distinctServices !== null && count(distinctServices, 'service'),
    distinctNodes !== null && count(distinctNodes, 'node'),
  ].filter((words) => words !== false);
  return numbers.length === 0 ? '' : `to at least ${joinWords(numbers, 'and')} within ${formatSpan(windowMs)}`;
}

function describeShare({ minShare }: Rule['threshold']): string {
  return minShare === null ? '' : `and these are at least ${Math.round(minShare * 100)} % of all it sends`;
}

function describeLeak(leakPerSecond: number): string {
  if (leakPerSecond >= 1) return `${formatNumber(leakPerSecond)} a second are forgiven`;
  return `one is forgiven every ${formatSpan(1000 / leakPerSecond)}`;
}

/** `4 h`, `1 min 30 s`: the two greatest units that it has. */
function formatSpan(spanMs: number): string {
  const units: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
    ['ms', 1],
  ];
  let rest = Math.round(spanMs);
  const parts = units.flatMap(([name, size]) => {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    return whole === 0 ? [] : [`${whole} ${name}`];
  });
  return parts.length === 0 ? '0 ms' : parts.slice(0, 2).join(' ');
}

function count(number: number, what: string): string {
  return `${formatNumber(number)} ${what}${number === 1 ? '' : 's'}`;
}

function formatNumber(number: number): string {
  return String(Math.round(number * 100) / 100);
}

/** The first of many. */
function joinSome(words: readonly string[]): string {
  const more = words.length - 3;
  return more > 1 ? `${words.slice(0, 3).join(', ')} and ${more} more` : joinWords(words, 'and');
}

function joinWords(words: readonly string[], conjunction: 'and' | 'or'): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${conjunction} ${last}`;
}
