import type { Service } from '@flotilla/contracts';

export interface ListedReplicas {
  /** `none`: no node has one that is ready, and says why. `starting`: none yet, and nothing is wrong. `some`: fewer than wanted. */
  readonly verdict: 'none' | 'starting' | 'some';
  readonly ready: number;
  readonly wanted: number;
}

/** What a list has to say of a service's replicas; null while all is well, and where nothing is known. */
export function decideListedReplicas(
  { nodes }: Pick<Service, 'nodes'>,
  isOffline: (agentId: string) => boolean,
): ListedReplicas | null {
  const told = nodes.flatMap(({ agentId, replicas }) => (replicas === null || isOffline(agentId) ? [] : [replicas]));
  const ready = told.reduce((sum, one) => sum + one.ready, 0);
  const wanted = told.reduce((sum, one) => sum + one.wanted, 0);
  const isWrong = told.some(({ problem }) => problem !== null);
  if (ready >= wanted) return null;
  if (ready > 0) return isWrong ? { verdict: 'some', ready, wanted } : null;
  return { verdict: isWrong ? 'none' : 'starting', ready, wanted };
}
