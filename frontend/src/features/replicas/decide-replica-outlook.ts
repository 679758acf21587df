import type { AgentStatus, ServiceReplicasReport } from '@flotilla/contracts';

/** What there is to know of a service's replicas at one look. */
export type ReplicaVerdict =
  | 'notReported'
  | 'offline'
  | 'rolledBack'
  | 'problem'
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
  rolledBack: 'bad',
  problem: 'bad',
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
  node: AgentStatus,
  revision: number,
): ReplicaOutlook {
  const verdict = chooseVerdict(report, node, revision);
  const isKnown = report !== null && node === 'online';
  return {
    verdict,
    tone: TONES[verdict],
    ready: isKnown ? countReady(report) : null,
    wanted: isKnown ? report.wanted : null,
    problem: report?.problem ?? null,
  };
}

function chooseVerdict(report: ServiceReplicasReport | null, node: AgentStatus, revision: number): ReplicaVerdict {
  if (node === 'offline') return 'offline';
  if (report === null) return 'notReported';
  if (report.rollout === 'rolled_back') return 'rolledBack';
  if (report.problem !== null) return 'problem';
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
