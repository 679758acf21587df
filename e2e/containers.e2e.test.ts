import { randomUUID } from 'node:crypto';
import {
  createService,
  getService,
  listAgentContainers,
  updateService,
  type Agent,
  type Service,
} from '@flotilla/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from './harness/api.ts';
import { docker } from './harness/docker.ts';
import { fetchThroughProxy } from './harness/proxy-client.ts';
import { FlotillaSystem } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

const IMAGE = 'flotilla-test/web';
const DOMAIN = 'container.example.com';

/** Needs a Docker Engine; `npm test` starts one where it can. */
describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('a service of a container', () => {
  const name = `flotilla-e2e-${randomUUID().slice(0, 8)}`;
  const squatter = `${name}-squatter`;
  let system: FlotillaSystem;
  let api: ApiClient;
  let agent: Agent;
  let service: Service;

  beforeAll(async () => {
    system = await FlotillaSystem.create();
    await system.start();
    api = await system.signIn();
    agent = await system.waitForLocalAgent(api);
  });

  afterAll(async () => {
    await docker('rm', '--force', name, squatter);
    await system.destroy();
  });

  const runContainer = (containerName: string, body: string) =>
    docker('run', '--detach', '--name', containerName, '--env', `BODY=${body}`, IMAGE);
  const bodyOf = async () => (await fetchThroughProxy(system.proxyHttpPort, DOMAIN)).body;
  const findContainer = async () => {
    const { items } = await api.expect(listAgentContainers, { params: { id: agent.id }, query: { search: name } });
    return items.find((container) => container.name === name) ?? null;
  };

  it('is seen on its node as soon as it runs', async () => {
    await runContainer(name, 'from the container');
    const container = await waitFor('the container to be listed', findContainer);
    expect(container).toMatchObject({ image: IMAGE, state: 'running', ports: [{ containerPort: 80, hostPort: null }] });
  });

  it('serves', async () => {
    const target = { container: name, port: 80 };
    service = await api.expect(createService, {
      body: { name: 'container', domains: [DOMAIN], agentIds: [agent.id], target },
    });
    await waitFor('the container to answer', async () => ((await bodyOf()) === 'from the container' ? true : null));
  });

  it('is followed to another address', async () => {
    const before = await readAddress(name);
    await docker('stop', '--time', '0', name);
    await runContainer(squatter, 'not this one');
    expect(await readAddress(squatter), 'the control: somebody else has the old address').toBe(before);
    await docker('start', name);
    expect(await readAddress(name)).not.toBe(before);
    await waitFor('the container to answer again', async () =>
      (await bodyOf()) === 'from the container' ? true : null,
    );
  });

  it('that is gone answers 502, and never in another container’s name; it serves again when it is back', async () => {
    await docker('rm', '--force', name);
    await waitFor('nginx to answer by itself', async () => {
      const answer = await fetchThroughProxy(system.proxyHttpPort, DOMAIN);
      expect(answer.body).not.toBe('not this one');
      return answer.status === 502 ? true : null;
    });
    await runContainer(name, 'back again');
    await waitFor('the container to answer', async () => ((await bodyOf()) === 'back again' ? true : null));
  });

  it('that never was is named as the reason', async () => {
    const absent = { container: `${name}-absent`, port: 80 };
    const { name: label, domains, agentIds } = service;
    const params = { id: service.id };
    await api.expect(updateService, { params, body: { name: label, domains, agentIds, target: absent } });
    const rejected = await waitFor('the service to be rejected', async () => {
      const now = await api.expect(getService, { params });
      return now.nodes[0]?.configuration.state === 'rejected' ? now : null;
    });
    expect(rejected.nodes[0]?.configuration.reason).toContain(absent.container);
    expect(await bodyOf(), 'the revision before keeps serving').toBe('back again');
  });
});

function readAddress(container: string): Promise<string> {
  return docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', container);
}
