import type { Service } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { buildAgent } from '../../shared/testing/build-agent.ts';
import { renderText } from '../../shared/testing/render.ts';
import ServiceState from './ServiceState.vue';

const node = buildAgent();
type Configuration = Service['nodes'][number]['configuration'];
const build = (name: string, configuration: Partial<Configuration>) => ({
  agentId: name,
  agentName: name,
  configuration: {
    state: 'applied',
    reason: null,
    appliedRevision: 7,
    updatedAt: '2026-01-01T12:00:00Z',
    ...configuration,
  },
});
const show = (configuration: Partial<Configuration>, status: 'online' | 'offline' = 'online') =>
  renderText(ServiceState, {
    nodes: [{ ...node, id: node.name, status }],
    service: {
      revision: 7,
      nodes: [build(node.name, configuration)],
    },
  });

describe('a service’s state', () => {
  it('shows the refusal in its own words, and what serves meanwhile', () => {
    const text = show({ state: 'rejected', reason: 'host not found in upstream "no-such-host"', appliedRevision: 6 });
    expect(text).toContain('Rejected');
    expect(text).toContain('host not found in upstream "no-such-host"');
    expect(text).toContain('Revision 6 keeps serving');
  });

  it('does not claim that something serves where nothing ever did', () => {
    const text = show({ state: 'rejected', reason: 'x', appliedRevision: null });
    expect(text).not.toContain('keeps serving');
    expect(text).not.toContain('null');
  });

  it('blames the absence of the node for what does not move on', () => {
    expect(show({ state: 'applying' }, 'offline')).toContain('offline');
    expect(show({ state: 'applying' }, 'online')).not.toContain('offline');
  });

  it('is quiet about refusals when it was applied', () => {
    const text = show({ state: 'applied' });
    expect(text).toContain('Applied');
    expect(text).not.toContain('keeps serving');
  });

  it('names the one of several nodes that refuses, its words, and what it serves', () => {
    const refused = { state: 'rejected', reason: 'no such container: web', appliedRevision: 6 } as const;
    const text = renderText(ServiceState, {
      nodes: [],
      service: { revision: 7, nodes: [build('fra-1', {}), build('fra-2', refused), build('fra-3', {})] },
    });
    expect(text).toMatch(/1 of 3 nodes.*fra-2.*no such container: web.*Revision 6 keeps serving.*fra-1.*fra-3/);
  });
});
