import { isContainerTarget, type ServiceSettings, type Target } from '@flotilla/contracts';

type Targets = Pick<ServiceSettings, 'target' | 'additionalTargets' | 'locations'>;

/** Containers that a service sends requests to, each once, in the order in which the API answers with their figures. */
export function listContainerNames({ target, additionalTargets, locations }: Targets): string[] {
  const targets: Target[] = [target, ...additionalTargets, ...locations.map((location) => location.target)];
  return [...new Set(targets.flatMap((one) => (isContainerTarget(one) ? [one.container] : [])))];
}
