import type { ContainerTemplate } from '@flotilla/contracts';
import { formatUntaken } from './format-untaken.ts';
import { parseInspection, type Inspection, type InspectionAnswers } from './parse-inspection.ts';
import { planCommand } from './plan-command.ts';
import { planEnvironment } from './plan-environment.ts';
import { planHealth } from './plan-health.ts';
import { planImage } from './plan-image.ts';
import { planLabels } from './plan-labels.ts';
import { planLimits } from './plan-limits.ts';
import { planMounts } from './plan-mounts.ts';
import { planNetwork } from './plan-network.ts';
import { planStop } from './plan-stop.ts';
import { planUnsupported } from './plan-unsupported.ts';

const MAX_PORTS = 100;

/**
 * What replicas are made like, so that they are as the container is: all of its settings that differ from its image’s, and what of
 * them replicas cannot have. Its size is bounded, whatever the container’s is.
 * @throws Error when Docker’s answers are not as its API defines them
 */
export function planTemplate(answers: InspectionAnswers): ContainerTemplate {
  const inspection = parseInspection(answers);
  const { container, image } = inspection;
  const { Config: own } = container;
  const { Config: ofImage } = image;
  const named = planImage(inspection);
  const { process, notes: ofProcess } = planCommand(own, ofImage);
  const { environment, notes: ofEnvironment } = planEnvironment(own.Env, ofImage.Env);
  const { volumes, notes: ofVolumes } = planMounts(container);
  const { network, notes: ofNetwork } = planNetwork(container);
  const { limits, notes: ofLimits } = planLimits(container);
  const { labels, notes: ofLabels } = planLabels(own.Labels, ofImage.Labels);
  const { stop, notes: ofStop } = planStop(own, ofImage);
  const { health, port, notes: ofHealth } = planHealth(own.Healthcheck, ofImage.Healthcheck);
  return {
    containerId: container.Id.slice(0, 64),
    name: container.Name.replace(/^\//, '').slice(0, 255),
    container: {
      image: named.image,
      pull: 'missing',
      ...process,
      environment: [...environment],
      volumes: [...volumes],
      network,
      ...limits,
      labels: [...labels],
      ...stop,
      health,
    },
    ports: listPorts(inspection, port),
    untaken: formatUntaken([
      ...named.notes,
      ...ofProcess,
      ...ofEnvironment,
      ...ofVolumes,
      ...ofNetwork,
      ...ofLimits,
      ...ofLabels,
      ...ofStop,
      ...ofHealth,
      ...planUnsupported(container),
    ]),
  };
}

/** TCP ports: that of the health check first, then published ones, which somebody uses, then those that are only declared. */
function listPorts({ container }: Inspection, checked: number | null): number[] {
  const published = Object.keys(container.HostConfig.PortBindings);
  const declared = Object.keys(container.Config.ExposedPorts);
  const numbers = [...published.toSorted(byNumber), ...declared.toSorted(byNumber)]
    .filter((port) => port.endsWith('/tcp') || !port.includes('/'))
    .map((port) => Number.parseInt(port, 10));
  const known = [...(checked === null ? [] : [checked]), ...numbers];
  return [...new Set(known)].filter((port) => port >= 1 && port <= 65_535).slice(0, MAX_PORTS);
}

function byNumber(left: string, right: string): number {
  return Number.parseInt(left, 10) - Number.parseInt(right, 10);
}
