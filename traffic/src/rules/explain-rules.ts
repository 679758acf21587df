import type { Rule, SuspicionClass } from '@flotilla/contracts';
import type { AccessRecord } from '../access-record.ts';
import { clientKeyOf } from '../addresses/client-network.ts';
import { classBits, compileMatch, type MatchPart } from './compile-rule.ts';
import type { SuspiciousRequests } from './observation.ts';
import { pathOfUri, plainPath } from './plain-path.ts';
import { shippedRules } from './shipped-rules.ts';

/** What a rule makes of one request. */
export interface RuleExplanation {
  readonly ruleId: string;
  readonly ruleName: string;
  /** Whether the request counts for it. */
  readonly isMatch: boolean;
  /** In words: why it does not count, or what else the rule needs. */
  readonly explanation: string;
}

const NOT_MATCHED: Record<MatchPart['field'], string> = {
  classes: 'does not count it: it has none of the classes, or too few of them',
  statuses: 'does not count it: its status is another one',
  methods: 'does not count it: its method is another one',
  paths: 'does not count it: its path is another one',
  exceptPaths: 'does not count it: its path is one of those that are excepted',
  userAgentPattern: 'does not count it: its user agent is another one',
};

/** What each rule makes of one request, and what it would still need to act. */
export function explainRules(
  record: AccessRecord,
  classes: readonly SuspicionClass[],
  rules: readonly Rule[] = shippedRules,
): RuleExplanation[] {
  const request = requestOf(record, classes);
  return rules.map((rule) => {
    const missing = findMissing(rule, request);
    const explanation = missing ?? describeNeed(rule);
    return { ruleId: rule.id, ruleName: rule.name, isMatch: missing === null, explanation };
  });
}

/** Why the rule does not count the request; null when it does. */
function findMissing({ match, isEnabled }: Rule, request: SuspiciousRequests): string | null {
  if (!isEnabled) return 'is switched off';
  if (match.of === 'volume') return null;
  if (request.classes.length === 0) return 'does not count it: nothing about it is suspicious';
  const path = request.path === null ? '' : plainPath(request.path);
  const prepared = { request, classBits: classBits(request.classes), path };
  const failed = compileMatch(match).find(({ test }) => !test(prepared));
  return failed === undefined ? null : NOT_MATCHED[failed.field];
}

function describeNeed({ match, threshold, action }: Rule): string {
  const { bucket, distinctServices, distinctNodes, distinctPaths, minShare, windowMs } = threshold;
  const acts = action.kind === 'ban' ? 'bans' : action.kind === 'record' ? 'records' : 'notifies';
  const needs = [
    bucket !== null && bucket.capacity > 1 && `${bucket.capacity - 1} more before they are forgiven`,
    more(distinctPaths, 'other path', windowMs),
    more(distinctServices, 'other service', windowMs),
    more(distinctNodes, 'other node', windowMs),
    minShare !== null && `such requests to be ${Math.round(minShare * 100)} % of all that the client sends`,
  ].filter((need) => need !== false);
  const counts = match.of === 'volume' ? 'counts it when its client sends very many' : 'counts it';
  return needs.length === 0 ? `${acts} at once` : `${counts}; ${acts} with ${needs.join(', and ')}`;
}

function more(needed: number | null, what: string, windowMs: number): string | false {
  if (needed === null || needed < 2) return false;
  return `${needed - 1} ${what}${needed === 2 ? '' : 's'} within ${windowMs / 1000} s`;
}

function requestOf(record: AccessRecord, classes: readonly SuspicionClass[]): SuspiciousRequests {
  return {
    of: 'suspicious',
    timeMs: record.timeMs ?? 0,
    nodeId: '',
    client: record.remoteAddress === null ? '' : (clientKeyOf(record.remoteAddress) ?? ''),
    serviceId: record.serviceId,
    classes: classes.filter((name) => name !== 'rate'),
    method: record.method,
    path: record.uri === null ? null : pathOfUri(record.uri),
    status: record.status,
    userAgent: record.userAgent,
    count: 1,
    sample: null,
  };
}
