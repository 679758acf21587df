import type { Rule } from '@flotilla/contracts';
import {
  LIMITER_DEFAULTS,
  RequestLimiter,
  type LimiterDecision,
  type RequestLimit,
} from '../limiter/request-limiter.ts';
import { VolumeWatch } from '../limiter/volume-watch.ts';
import { RuleEngine } from '../rules/correlate-suspects.ts';
import { NodeTrafficWatch } from '../rules/node-traffic-watch.ts';
import { observationsOfRequest } from '../rules/observations-of-request.ts';
import { renderEvidence } from '../rules/render-evidence.ts';
import type { RuleDecision } from '../rules/rule-decision.ts';
import type { LoggedRequest } from './logged-request.ts';

/** Any number: nobody can choose addresses by it, and the same log gives the same bans. */
const SEED = 20_261_123;
/** One engine for the whole fleet has the groups of all partitions. */
const MAX_GROUPS = 20_000;
const MAX_CLIENTS = 200_000;
/** How often nodes tell of their traffic. */
const TELL_EVERY_MS = 5000;

/** What was decided about a request. */
export type ReplayDecision =
  | { readonly by: 'rule'; readonly decision: RuleDecision }
  | {
      readonly by: 'limiter';
      readonly decision: LimiterDecision;
      readonly nodeId: string;
      readonly evidence: readonly string[];
    };

interface Node {
  readonly limiter: RequestLimiter;
  readonly volume: VolumeWatch;
  readonly traffic: NodeTrafficWatch;
  toldAtMs: number;
}

/** A fleet as it would have been: each node's limiter, and the rules over all of them. */
export class FleetReplay {
  readonly #engine: RuleEngine;
  readonly #limit: RequestLimit;
  readonly #nodes = new Map<string, Node>();
  /** Requests that would have been refused, because their client was banned by then. */
  refused = 0;

  /** @throws {TypeError} when a rule's pattern does not compile */
  constructor(rules: readonly Rule[], limit: RequestLimit) {
    this.#engine = new RuleEngine(rules, { maxGroups: MAX_GROUPS, maxClients: MAX_CLIENTS });
    this.#limit = limit;
  }

  /** @param request of all nodes in the order of their time, or nearly */
  observe(request: LoggedRequest): readonly ReplayDecision[] {
    const { client, nodeId, serviceId, timeMs } = request;
    if (this.#engine.isRefused(client, nodeId, serviceId, timeMs)) {
      this.refused += 1;
      return [];
    }
    const node = this.#nodes.get(nodeId) ?? this.#addNode(nodeId);
    node.traffic.noteClient(client, timeMs);
    if (request.classes.length === 0) node.traffic.noteOrdinary(timeMs);
    if (timeMs - node.toldAtMs >= TELL_EVERY_MS) {
      this.#engine.noteNode(node.traffic.tell(nodeId, timeMs));
      node.toldAtMs = timeMs;
    }
    const isFast = node.volume.isFast(request.clientHigh, request.clientLow, timeMs);
    const decisions = observationsOfRequest({ ...request, isFast }).flatMap((each) => this.#engine.observe(each));
    const limited = this.#limitRequest(node, request);
    return [...decisions.map((decision) => ({ by: 'rule' as const, decision })), ...limited];
  }

  #limitRequest(node: Node, request: LoggedRequest): ReplayDecision[] {
    const { nodeId, serviceId, timeMs } = request;
    const number = node.limiter.numberOf(serviceId);
    const decision = node.limiter.observe(number, request.clientHigh, request.clientLow, timeMs);
    if (decision === null) return [];
    this.#engine.noteBan(
      {
        ruleId: null,
        target: decision.client.includes('/') ? decision.client : `${decision.client}/32`,
        scope: serviceId === null ? { kind: 'node', nodeId } : { kind: 'service', serviceId, nodeId },
        untilMs: decision.untilMs,
        isNarrowed: false,
      },
      decision.offence,
      timeMs,
    );
    const last = renderEvidence({ of: 'suspicious', count: 1, ...request });
    return [{ by: 'limiter', decision, nodeId, evidence: [`${decision.requestsPerSecond} requests a second`, last] }];
  }

  #addNode(nodeId: string): Node {
    const isSpared = (client: string, timeMs: number) => this.#engine.whySpared(client, timeMs) !== null;
    const node = {
      limiter: new RequestLimiter({ ...LIMITER_DEFAULTS, limit: this.#limit }, SEED, isSpared),
      volume: new VolumeWatch(SEED),
      traffic: new NodeTrafficWatch(),
      toldAtMs: 0,
    };
    this.#nodes.set(nodeId, node);
    return node;
  }
}
