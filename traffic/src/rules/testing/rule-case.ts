import type { SuspicionClass } from '@flotilla/contracts';
import type { ObservedRequest } from '../observations-of-request.ts';
import type { RuleDecision } from '../rule-decision.ts';

const CASES_BEGIN_MS = Date.parse('2026-01-01T09:00:00Z');

/**
 * A line of `cases/<rule>.jsonl`: requests, and all decisions of all shipped rules about them. In texts `{n}` is the number
 * of the request, from 0; `{n%3}` that number modulo 3; `{n%2:a,b}` picks from a list by it.
 */
export interface RuleCase {
  readonly case: string;
  /** As `wordOf` writes them. */
  readonly expect: readonly string[];
  readonly requests: readonly RequestDraft[];
}

interface RequestDraft {
  /** Seconds after the case's begin. */
  readonly at?: number;
  readonly times?: number;
  readonly everyMs?: number;
  readonly client: string;
  readonly node?: string;
  readonly service?: string | null;
  readonly method?: string;
  readonly path: string;
  readonly status?: number;
  readonly classes: readonly SuspicionClass[];
  readonly agent?: string | null;
  /** Its client sends many at this node. */
  readonly fast?: boolean;
}

/** All requests of a case, in the order of their time. */
export function expandRequests(drafts: readonly RequestDraft[]): ObservedRequest[] {
  return drafts
    .flatMap((draft) => Array.from({ length: draft.times ?? 1 }, (_, index) => buildRequest(draft, index)))
    .toSorted((one, other) => one.timeMs - other.timeMs);
}

export function buildRequest(draft: RequestDraft, index = 0): ObservedRequest {
  const { at = 0, everyMs = 1000, node = 'a', service = 'shop', method = 'GET', status = 200, agent = null } = draft;
  return {
    timeMs: CASES_BEGIN_MS + at * 1000 + index * everyMs,
    nodeId: fill(node, index),
    client: fill(draft.client, index),
    serviceId: service === null ? null : fill(service, index),
    classes: draft.classes,
    method,
    path: fill(draft.path, index),
    status,
    userAgent: agent,
    isFast: draft.fast ?? false,
    sample: null,
  };
}

function fill(text: string, index: number): string {
  return text.replaceAll(/\{n(?:%(\d+))?(?::([^}]*))?\}/g, (_, modulo?: string, list?: string) => {
    const number = modulo === undefined ? index : index % Number(modulo);
    return list?.split(',')[number] ?? String(number);
  });
}

/** A decision in one line: `probing banned 203.0.113.7/32 fleet`. */
export function wordOf({ ruleId, outcome, group, scope }: RuleDecision): string {
  const where = scope === null ? '-' : scope.kind === 'fleet' ? 'fleet' : wordOfPlace(scope);
  return `${ruleId} ${outcome} ${group} ${where}`;
}

function wordOfPlace(scope: Exclude<RuleDecision['scope'], null | { kind: 'fleet' }>): string {
  if (scope.kind === 'node') return `node ${scope.nodeId}`;
  return `service ${scope.serviceId} at ${scope.nodeId ?? 'all nodes'}`;
}
