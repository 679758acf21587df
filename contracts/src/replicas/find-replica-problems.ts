import { isReplicaTarget, type Target } from '../proxy/target.ts';

interface ReplicaUse {
  readonly target: Target;
  readonly additionalTargets: readonly Target[];
  readonly locations: readonly { readonly target: Target }[];
  readonly redirect: object | null;
  readonly replicas: object | null;
}

/** What does not fit together: targets that are replicas which nobody describes, and replicas that nobody reaches. */
export function findReplicaProblems(
  settings: ReplicaUse,
): { readonly path: (string | number)[]; readonly message: string }[] {
  const { target, additionalTargets, locations, replicas, redirect } = settings;
  const targets = [
    { path: ['target'], target },
    ...additionalTargets.map((one, index) => ({ path: ['additionalTargets', index], target: one })),
    ...locations.map((location, index) => ({ path: ['locations', index, 'target'], target: location.target })),
  ];
  const used = targets.filter((one) => isReplicaTarget(one.target));
  if (replicas === null) {
    return used.map(({ path }) => ({
      path,
      message: 'are the service’s replicas, of which it has none; describe them',
    }));
  }
  return used.length === 0 && redirect === null
    ? [{ path: ['replicas'], message: 'get no requests: make them a target' }]
    : [];
}
