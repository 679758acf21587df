import type { Agent, ServiceReplicasReport } from '@flotilla/contracts';

/** What there is to know of a service's replicas at one look. */
export type ReplicaVerdict =
  | 'notReported'
  | 'offline'
  | 'noDocker'
  | 'rolledBack'
  | 'problem'
  | 'noneReady'
  | 'behind'
  | 'updating'
  | 'starting'
  | 'leaving'
  | 'none'
  | 'well';

export interface ReplicaOutlook {
  readonly verdict: ReplicaVerdict;
  readonly tone: 'good' | 'busy' | 'bad' | 'quiet';
  /** Null where it is not known: the node has not reported, or is away. Never 0 in its place. */
  readonly ready: number | null;
  readonly wanted: number | null;
  /** What the node says is wrong, in its own words. */
  readonly problem: string | null;
}

const TONES: Readonly<Record<ReplicaVerdict, ReplicaOutlook['tone']>> = {
  notReported: 'quiet',
  offline: 'quiet',
  noDocker: 'bad',
  rolledBack: 'bad',
  problem: 'bad',
  noneReady: 'bad',
  behind: 'busy',
  updating: 'busy',
  starting: 'busy',
  leaving: 'busy',
  none: 'quiet',
  well: 'good',
};

/**
 * How a service's replicas are, as far as its node tells.
 * @param report the node's last one; null before the first
 * @param revision of the service's newest settings
 */
export function decideReplicaOutlook(
  report: ServiceReplicasReport | null,
  node: Pick<Agent, 'status' | 'facts'>,
  revision: number,
): ReplicaOutlook {
  const verdict = chooseVerdict(report, node, revision);
  const isKnown = report !== null && isTold(node);
  const dockerReason = node.facts?.docker.reason ?? null;
  return {
    verdict,
    tone: TONES[verdict],
    ready: isKnown ? countReady(report) : null,
    wanted: isKnown ? report.wanted : null,
    problem: verdict === 'noDocker' ? dockerReason : (report?.problem ?? null),
  };
}

/** Whether a node tells what is: it does not while it is away, nor without Docker. */
export function isTold({ status, facts }: Pick<Agent, 'status' | 'facts'>): boolean {
  return status === 'online' && facts?.docker.available !== false;
}

function chooseVerdict(
  report: ServiceReplicasReport | null,
  node: Pick<Agent, 'status' | 'facts'>,
  revision: number,
): ReplicaVerdict {
  if (node.status === 'offline') return 'offline';
  if (!isTold(node)) return 'noDocker';
  if (report === null) return 'notReported';
  if (report.rollout === 'rolled_back') return 'rolledBack';
  if (report.problem !== null) return report.wanted > 0 && countReady(report) === 0 ? 'noneReady' : 'problem';
  if (report.serviceRevision < revision) return 'behind';
  if (report.rollout === 'progressing') return 'updating';
  const [ready, present] = [countReady(report), report.replicas.length];
  if (ready < report.wanted) return 'starting';
  if (present > report.wanted) return 'leaving';
  return report.wanted === 0 ? 'none' : 'well';
}

function countReady({ replicas }: ServiceReplicasReport): number {
  return replicas.filter(({ state }) => state === 'ready').length;
}
