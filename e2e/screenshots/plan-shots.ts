import type { Agent, Service } from '@flotilla/contracts';

/** A page of the dashboard, and what to click there before the picture is taken. */
export interface Shot {
  readonly name: string;
  readonly path: string;
  /** Test ids, clicked in turn. */
  readonly clicks: readonly string[];
}

const STATES = ['applied', 'applying', 'rejected'] as const;

/**
 * Each page once, and the pages of nodes and services once for each state that the installation has;
 * services with replicas of their own all, because each may be in a state of its own.
 */
export function planShots(agents: readonly Agent[], services: readonly Service[]): Shot[] {
  const shot = (name: string, path: string, ...clicks: string[]): Shot => ({ name, path, clicks });
  const nodes = (['online', 'offline'] as const).flatMap((status) => {
    const agent = agents.find((candidate) => candidate.status === status);
    return agent === undefined ? [] : [shot(`node-${status}`, `/nodes/${agent.id}?range=5m`)];
  });
  const shown = STATES.flatMap((state) => {
    const service = services.find((candidate) => candidate.state === state);
    return service === undefined ? [] : [shot(`service-${state}`, `/services/${service.id}`)];
  });
  const own = services.filter(({ replicas }) => replicas !== null);
  const scaled = own.flatMap(({ id, name }) => [shot(`replicas-${name}`, `/services/${id}`)]);
  const policies = own[0] === undefined ? [] : [shot('scaling-policy', `/services/${own[0].id}/scaling`)];
  const edited = services[0] === undefined ? [] : [shot('service-edit', `/services/${services[0].id}/edit`)];
  const sampled = agents.find(({ containers }) => (containers?.running ?? 0) > 0);
  const drawer = sampled === undefined ? [] : [shot('container', `/nodes/${sampled.id}?range=5m`, 'container-open')];
  const range = sampled === undefined ? [] : [shot('range', `/nodes/${sampled.id}?range=5m`, 'range-custom')];
  const compared = agents.slice(0, 3).map(({ id }) => id);
  return [
    shot('overview', '/overview'),
    shot('compare', `/overview/compare?range=5m&nodes=${compared.join(',')}`),
    shot('pipeline', '/pipeline'),
    ...drawer,
    ...range,
    shot('nodes', '/nodes'),
    shot('nodes-add', '/nodes', 'add-node'),
    ...nodes,
    shot('services', '/services'),
    shot('service-new', '/services/new'),
    ...shown,
    ...edited,
    ...scaled,
    ...policies,
    shot('traffic', '/traffic'),
    shot('firewall', '/firewall'),
    shot('firewall-activity', '/firewall?tab=activity'),
    shot('firewall-over', '/firewall?tab=over'),
    shot('firewall-rules', '/firewall?tab=rules'),
    shot('firewall-limits', '/firewall?tab=limits'),
    shot('firewall-blocked', '/firewall?tab=blocked'),
    shot('firewall-rule', '/firewall?tab=rules', 'rule-add'),
    shot('firewall-allowed', '/firewall?tab=allowed'),
    shot('certificates', '/certificates'),
    shot('certificates-add', '/certificates', 'certificate-add'),
    shot('certificates-make', '/certificates', 'certificate-make'),
    shot('firewall-ban', '/firewall', 'networks-ban'),
    shot('tasks', '/tasks'),
    shot('audit', '/audit'),
    shot('users', '/users'),
    shot('users-add', '/users', 'user-add'),
    shot('not-found', '/no-such-page'),
  ];
}
