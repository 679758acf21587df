import {
  createService,
  getScaling,
  getServiceReplicas,
  listScalingDecisions,
  putScalingPolicy,
  updateService,
  type Agent,
  type ReplicaReport,
  type ScalingDecision,
  type Service,
} from '@flotilla/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from './harness/api.ts';
import { startBackend, type Backend } from './harness/backend.ts';
import { docker } from './harness/docker.ts';
import { LoadGenerator } from './harness/load-generator.ts';
import { fetchThroughProxy } from './harness/proxy-client.ts';
import { FlotillaSystem } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

const IMAGE = 'flotilla-test/web';
const DOMAIN = 'scaled.example.com';
const LABEL = 'flotilla-e2e-scaling';
/** A replica is to have 250 requests a second; 1,000 ask for four. */
const REQUESTS_PER_REPLICA = 250;
const CALM = 40;
const BUSY = 1000;
const LEAST_REQUESTS = 50_000;
const BOUND_MS = 90_000;

/** Needs a Docker Engine; `npm test` starts one where it can. */
describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('a service that is scaled by its load', () => {
  let system: FlotillaSystem;
  let api: ApiClient;
  let agent: Agent;
  let service: Service;
  let load: LoadGenerator;
  let backend: Backend;

  beforeAll(async () => {
    backend = await startBackend('before');
    system = await FlotillaSystem.create();
    await system.start();
    api = await system.signIn();
    agent = await system.waitForLocalAgent(api);
  });

  afterAll(async () => {
    await load?.stop();
    await system.destroy();
    await backend.stop();
    const left = await docker('ps', '--all', '--quiet', '--filter', `label=${LABEL}`);
    if (left !== '') await docker('rm', '--force', ...left.split('\n'));
  });

  const describeService = (body: string) => ({
    name: 'scaled',
    domains: [DOMAIN],
    agentIds: [agent.id],
    target: { replicas: true as const, port: 80 },
    replicas: {
      container: {
        image: IMAGE,
        environment: [{ name: 'BODY', value: body }],
        labels: [{ name: LABEL, value: 'yes' }],
        health: { kind: 'http' as const, path: '/' },
        stopGraceMs: 1000,
      },
      count: 1,
      drainMs: 10_000,
      slowStartMs: 3000,
    },
  });
  const readReport = async () =>
    (await api.expect(getServiceReplicas, { params: { id: service.id } })).nodes[0]?.report;
  const isReady = ({ state }: ReplicaReport): boolean => state === 'ready';
  const waitForReplicas = (count: number) =>
    waitFor(
      `${count} replicas to be ready, and no other to be left`,
      async () => {
        const report = await readReport();
        const { replicas = [], rollout } = report ?? {};
        return replicas.length === count && replicas.every(isReady) && rollout === 'settled' ? report : null;
      },
      BOUND_MS,
    );
  const listDecisions = async (): Promise<readonly ScalingDecision[]> =>
    (await api.expect(listScalingDecisions, { params: { id: service.id } })).items;

  it('moves from another server to its own container without a failed request', async () => {
    const { name, domains, agentIds } = describeService('');
    const target = { host: '127.0.0.1', port: backend.port };
    service = await api.expect(createService, { body: { name, domains, agentIds, target } });
    const readBody = async (): Promise<string | null> => {
      const { status, body } = await fetchThroughProxy(system.proxyHttpPort, DOMAIN);
      return status === 200 ? body : null;
    };
    await waitFor('the server to answer', readBody);
    load = new LoadGenerator({ port: system.proxyHttpPort, host: DOMAIN }, CALM);
    service = await api.expect(updateService, { params: { id: service.id }, body: describeService('first') });
    await waitForReplicas(1);
    await waitFor('the container to answer', async () => ((await readBody()) === 'first' ? true : null));
    expect(load.report.failures).toEqual({});
  });

  it('gets more replicas when the load rises', async () => {
    await api.expect(putScalingPolicy, {
      params: { id: service.id },
      body: {
        minReplicas: 1,
        maxReplicas: 4,
        targets: [{ kind: 'value', metric: { kind: 'requests_per_second' }, value: REQUESTS_PER_REPLICA }],
        scaleDown: { stabilizationMs: 5000 },
      },
    });
    await waitFor(
      'the policy to see the calm load',
      async () => {
        const { evaluation } = await api.expect(getScaling, { params: { id: service.id } });
        const current = evaluation?.targets[0]?.current ?? null;
        return current !== null && current > CALM / 2 ? true : null;
      },
      BOUND_MS,
    );
    expect(await listDecisions(), 'the control: the calm load changes nothing').toEqual([]);

    load.setRate(BUSY);
    const breachedAt = performance.now();
    // The load of the first interval is partly the calm one's, so that four may take a second decision.
    const { to } = await waitFor('a decision', async () => (await listDecisions()).at(-1) ?? null, BOUND_MS);
    const decidedAt = performance.now();
    await waitFor(
      'its replicas to be ready',
      async () => (((await readReport())?.replicas.filter(isReady).length ?? 0) >= to ? true : null),
      BOUND_MS,
    );
    const servedAt = performance.now();
    await waitForReplicas(4);
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
    process.stdout.write(
      `breach to decision ${seconds(decidedAt - breachedAt)}, decision to ${to} that serve ${seconds(servedAt - decidedAt)}\n`,
    );
    expect(decidedAt - breachedAt).toBeLessThan(7000);
    expect(load.report.failures).toEqual({});
  });

  it('gives way to a newer version under load', async () => {
    service = await api.expect(updateService, { params: { id: service.id }, body: describeService('second') });
    await waitFor(
      'the newer version to answer alone',
      () => {
        const { recentBodies } = load.report;
        return recentBodies.length === 1 && recentBodies[0] === 'second' ? true : null;
      },
      BOUND_MS,
    );
    await waitForReplicas(4);
    expect(load.report.failures).toEqual({});
  });

  it('gets fewer when the load falls, and has failed no request over all of it', async () => {
    await waitFor('enough requests', () => (load.report.requests >= LEAST_REQUESTS ? true : null), BOUND_MS);
    load.setRate(CALM);
    await waitForReplicas(1);
    const { requests, retries, failures } = load.report;
    process.stdout.write(`${requests} requests, ${retries} sent again, ${JSON.stringify(failures)} failed\n`);
    expect(requests).toBeGreaterThanOrEqual(LEAST_REQUESTS);
    expect(failures).toEqual({});
    const decisions = (await listDecisions()).filter(({ outcome }) => outcome === 'scaled');
    expect(decisions.at(-1)).toMatchObject({ from: 1 });
    expect(Math.max(...decisions.map(({ to }) => to))).toBe(4);
    expect(decisions[0]).toMatchObject({ to: 1 });
  });

  it('would have seen a failed request: the only replica is killed, and replaced', async () => {
    const [killed] = (await readReport())?.replicas ?? [];
    load.setRate(BUSY);
    await docker('kill', killed?.containerId ?? 'none');
    await waitFor('a failure', () => (Object.keys(load.report.failures).length > 0 ? true : null));
    await waitFor(
      'another replica',
      async () => {
        const replicas = (await readReport())?.replicas.filter(isReady) ?? [];
        return replicas.some(({ containerId }) => containerId !== killed?.containerId) ? true : null;
      },
      BOUND_MS,
    );
  });
});
