import type { RuleDecision } from '../rules/rule-decision.ts';
import { escapeControl } from '../rules/escape-control.ts';
import type { ReplayDecision } from './fleet-replay.ts';

/** A ban as a line of JSON tells it. */
export interface ReplayedBan {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** An address, or a network. */
  readonly client: string;
  /** The rule's id, or `limiter`. */
  readonly rule: string;
  readonly scope: 'service' | 'node' | 'fleet';
  /** Null for all nodes, or all services. */
  readonly node: string | null;
  readonly service: string | null;
  readonly until: string;
  readonly offence: number;
  readonly evidence: readonly string[];
}

/** Null for a decision that bans nobody. */
export function banOf(replayed: ReplayDecision): ReplayedBan | null {
  if (replayed.by === 'rule') return banOfRule(replayed.decision);
  const { client, serviceId, timeMs, untilMs, offence } = replayed.decision;
  return {
    time: new Date(timeMs).toISOString(),
    client,
    rule: 'limiter',
    scope: serviceId === null ? 'node' : 'service',
    node: replayed.nodeId,
    service: serviceId === null ? null : escapeControl(serviceId),
    until: new Date(untilMs).toISOString(),
    offence,
    evidence: replayed.evidence,
  };
}

function banOfRule(decision: RuleDecision): ReplayedBan | null {
  const { outcome, scope, timeMs, durationMs, group, ruleId, offence, evidence } = decision;
  if (outcome !== 'banned' || scope === null || durationMs === null) return null;
  return {
    time: new Date(timeMs).toISOString(),
    client: group.replace(/\/32$/, ''),
    rule: ruleId,
    scope: scope.kind,
    node: scope.kind === 'fleet' ? null : scope.nodeId,
    service: scope.kind === 'service' ? escapeControl(scope.serviceId) : null,
    until: new Date(timeMs + durationMs).toISOString(),
    offence,
    evidence,
  };
}

export const TABLE_HEAD = formatRow('TIME', 'CLIENT', 'RULE', 'WHERE', 'UNTIL');

/** A ban for people: a row, and what it is based on below it. */
export function formatBan(ban: ReplayedBan): string {
  const row = formatRow(ban.time, ban.client, ban.rule, formatPlace(ban), ban.until);
  return [row, ...ban.evidence.map((line) => `    ${escapeControl(line)}`)].join('\n');
}

function formatPlace({ scope, node, service }: ReplayedBan): string {
  if (scope === 'fleet') return 'fleet';
  if (scope === 'node') return escapeControl(`node ${node ?? '-'}`);
  return escapeControl(`service ${service ?? '-'}${node === null ? '' : ` at ${node}`}`);
}

function formatRow(time: string, client: string, rule: string, place: string, until: string): string {
  return [time.padEnd(24), client.padEnd(20), rule.padEnd(18), place.padEnd(20), until].join('  ').trimEnd();
}
