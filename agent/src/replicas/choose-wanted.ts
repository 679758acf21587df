import { isReplicaTarget, type Site } from '@flotilla/contracts';
import { listTargets } from '../shared/list-targets.ts';
import { hashSpecification } from './hash-specification.ts';
import type { Scale, WantedService } from './wanted-service.ts';

/**
 * The services that have replicas here. Of the two numbers that may be known of one, the newer counts: the desired state's and
 * that of a task for it alone may overtake each other.
 */
export function chooseWanted(sites: readonly Site[], scales: ReadonlyMap<string, Scale>): WantedService[] {
  return sites.flatMap((site) => {
    const { serviceId, serviceRevision, replicas } = site;
    if (replicas === null) return [];
    const ofSite = { scaleRevision: site.scaleRevision, count: replicas.count };
    const ofTask = scales.get(serviceId);
    const { scaleRevision, count } =
      ofTask !== undefined && ofTask.scaleRevision > ofSite.scaleRevision ? ofTask : ofSite;
    const specification = hashSpecification(replicas.container, serviceRevision);
    return [
      { serviceId, serviceRevision, scaleRevision, count, settings: replicas, specification, ports: portsOf(site) },
    ];
  });
}

function portsOf(site: Site): number[] {
  if (site.redirect !== null) return [];
  return [
    ...new Set(
      listTargets(site)
        .filter(isReplicaTarget)
        .map(({ port }) => port),
    ),
  ];
}
