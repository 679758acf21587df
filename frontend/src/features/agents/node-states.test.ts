import type { Agent } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { buildAgent } from '../../shared/testing/build-agent.ts';
import { renderText } from '../../shared/testing/render.ts';
import NodeConfiguration from './NodeConfiguration.vue';
import NodeFacts from './NodeFacts.vue';

const { facts, configuration } = buildAgent();
const withConfiguration = (change: Partial<Agent['configuration']>) =>
  buildAgent({ configuration: { ...configuration, ...change } });

describe('a node’s configuration in one look', () => {
  it('shows nginx’s words when nginx refused it', () => {
    const words = 'nginx: [emerg] bind() to 0.0.0.0:80 failed';
    const text = renderText(NodeConfiguration, { node: withConfiguration({ state: 'rejected', reason: words }) });
    expect(text).toContain('Rejected');
    expect(text).toContain(words);
  });

  it('shows that nginx does not serve, whatever was applied', () => {
    const proxy = {
      state: 'failed',
      reason: 'Address already in use',
      nginxVersion: null,
      httpPort: 80,
      httpsPort: 443,
    };
    const node = buildAgent({ facts: facts && { ...facts, proxy: { ...proxy, state: 'failed' } } });
    expect(renderText(NodeConfiguration, { node })).toContain('nginx does not serve Address already in use');
  });

  it('tells a service that waits for the node from one that is being applied', () => {
    const offline = { ...withConfiguration({ state: 'applying' }), status: 'offline' as const };
    expect(renderText(NodeConfiguration, { node: offline })).toContain('waits for the node');
    expect(renderText(NodeConfiguration, { node: { ...offline, status: 'online' } })).not.toContain('waits');
  });

  it('says nothing of rejections where there are none', () => {
    expect(renderText(NodeConfiguration, { node: buildAgent() })).not.toContain('rejected');
    expect(renderText(NodeConfiguration, { node: withConfiguration({ rejectedServices: 2 }) })).toContain('2 rejected');
  });

  it('counts services in Russian', () => {
    expect(renderText(NodeConfiguration, { node: buildAgent() }, 'ru')).toContain('4 сервиса');
  });
});

describe('a node’s facts', () => {
  it('that were never reported are unknown, not 0 and not empty', () => {
    const node = buildAgent({ facts: null, lastSeenAt: null, containers: null });
    const text = renderText(NodeFacts, { node });
    expect(text).toContain('Docker not reported yet');
    expect(text).toContain('never yet');
    expect(text).not.toContain('undefined');
  });

  it('are shown once they were reported', () => {
    const text = renderText(NodeFacts, { node: buildAgent() });
    expect(text).toContain('fra-1.example.net');
    expect(text).not.toContain('not reported yet');
  });
});
