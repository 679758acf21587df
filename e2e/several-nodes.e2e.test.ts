import {
  createService,
  getScaling,
  getService,
  listAgents,
  listScalingDecisions,
  putScalingPolicy,
  updateService,
  type Agent,
  type Service,
} from '@flotilla/contracts';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from './harness/api.ts';
import { docker } from './harness/docker.ts';
import { ExtraAgent } from './harness/extra-agent.ts';
import { LoadGenerator } from './harness/load-generator.ts';
import { fetchThroughProxy } from './harness/proxy-client.ts';
import { findFreePorts, FlotillaSystem } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

const DOMAIN = 'everywhere.example.com';
const LABEL = 'flotilla-e2e-several-nodes';
const REQUESTS_PER_REPLICA = 100;
const BOUND_MS = 60_000;

/** Needs a Docker Engine, which both nodes share here; each knows its own containers by their labels. */
describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('a service on two nodes', () => {
  let system: FlotillaSystem;
  let api: ApiClient;
  let first: Agent;
  let second: Agent;
  let extra: ExtraAgent;
  let ports: readonly [number, number];
  let service: Service;
  const loads: LoadGenerator[] = [];

  beforeAll(async () => {
    system = await FlotillaSystem.create();
    await system.start();
    api = await system.signIn();
    first = await system.waitForLocalAgent(api);
    const [httpPort, httpsPort] = await findFreePorts();
    ports = [system.proxyHttpPort, httpPort];
    const dir = join(system.dataDir, 'second-agent');
    extra = await ExtraAgent.join(api, { name: 'second', dir, httpPort, httpsPort });
    second = await waitFor('the second node to be online', async () => {
      const { items } = await api.expect(listAgents);
      return items.find((agent) => agent.name === 'second' && agent.status === 'online') ?? null;
    });
  });

  afterAll(async () => {
    await Promise.all(loads.map((load) => load.stop()));
    await extra.stop();
    await system.destroy();
    const left = await docker('ps', '--all', '--quiet', '--filter', `label=${LABEL}`);
    if (left !== '') await docker('rm', '--force', ...left.split('\n'));
  });

  const describeService = (agentIds: string[]) => ({
    name: 'everywhere',
    domains: [DOMAIN],
    agentIds,
    target: { replicas: true as const, port: 80 },
    replicas: {
      container: {
        image: 'flotilla-test/web',
        environment: [{ name: 'BODY', value: 'here' }],
        labels: [{ name: LABEL, value: 'yes' }],
        health: { kind: 'http' as const, path: '/' },
        stopGraceMs: 1000,
      },
      count: 3,
      drainMs: 5000,
      slowStartMs: 0,
    },
  });
  const countContainers = async ({ id }: Agent): Promise<number> => {
    const filters = [`label=flotilla.replica.agent=${id}`, `label=flotilla.replica.service=${service.id}`];
    const ids = await docker('ps', '--quiet', ...filters.flatMap((filter) => ['--filter', filter]));
    return ids === '' ? 0 : ids.split('\n').length;
  };
  const waitForContainers = (counts: readonly [number, number]) =>
    waitFor(
      `${counts.join(' and ')} containers`,
      async () => {
        const found = [await countContainers(first), await countContainers(second)];
        return found.toSorted((a, b) => a - b).join() === counts.join() ? true : null;
      },
      BOUND_MS,
    );
  const answers = async (port: number): Promise<true | null> => {
    const answer = await fetchThroughProxy(port, DOMAIN).catch(() => null);
    return answer?.status === 200 && answer.body === 'here' ? true : null;
  };

  it('is served by both, each with replicas of its own', async () => {
    service = await api.expect(createService, { body: describeService([first.id, second.id]) });
    await waitForContainers([1, 2]);
    for (const port of ports) await waitFor(`port ${port} to answer`, () => answers(port), BOUND_MS);
    await waitFor('both to say so', async () => {
      const { state } = await api.expect(getService, { params: { id: service.id } });
      return state === 'applied' ? true : null;
    });
  });

  it('is decided on by the sum of both, and placed on both, without a failed request', async () => {
    const params = { id: service.id };
    await api.expect(putScalingPolicy, {
      params,
      body: {
        minReplicas: 2,
        maxReplicas: 6,
        targets: [{ kind: 'value', metric: { kind: 'requests_per_second' }, value: REQUESTS_PER_REPLICA }],
        scaleDown: { isDisabled: true },
      },
    });
    // 250 requests a second at each of them are 2.5 replicas' worth, and five of both.
    for (const port of ports) loads.push(new LoadGenerator({ port, host: DOMAIN }, REQUESTS_PER_REPLICA * 2.5));
    const { to } = await waitFor(
      'a decision',
      async () => {
        const { items } = await api.expect(listScalingDecisions, { params });
        return items.find((decision) => decision.outcome === 'scaled' && decision.to >= 5) ?? null;
      },
      BOUND_MS,
    );
    const { nodes, wanted } = await api.expect(getScaling, { params });
    expect(wanted).toBe(to);
    expect(Math.abs((nodes[0]?.wanted ?? 0) - (nodes[1]?.wanted ?? 0))).toBeLessThanOrEqual(1);
    await waitForContainers([Math.floor(to / 2), Math.ceil(to / 2)]);
    expect(loads.map(({ report }) => report.failures)).toEqual([{}, {}]);
    await Promise.all(loads.splice(0).map((load) => load.stop()));
  });

  it('leaves a node, whose containers go, and all of its replicas are on the other', async () => {
    const { wanted } = await api.expect(getScaling, { params: { id: service.id } });
    const body = describeService([first.id]);
    service = await api.expect(updateService, { params: { id: service.id }, body });
    await waitForContainers([0, wanted]);
    expect(await countContainers(second)).toBe(0);
    await waitFor('the second node to serve it no more', async () =>
      (await answers(ports[1])) === null ? true : null,
    );
    expect(await answers(ports[0])).toBe(true);
  });
});
