import { createService, listAgents, updateService, type Service } from '@flotilla/contracts';
import { ExtraAgent, findFreePorts, startBackend, waitFor, type ApiClient } from '@flotilla/e2e/harness';
import { mkdir } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { waitForAnswer } from './wait-for-answer.ts';

export interface ChangesOptions {
  readonly dir: string;
  readonly name: string;
  readonly sites: number;
  readonly changes: number;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Joins a node, gives it `sites` services and changes one of them `changes` times.
 * @returns milliseconds from sending each change to the Core until nginx answers with the new target
 */
export async function measureChanges(api: ApiClient, options: ChangesOptions): Promise<number[]> {
  const [httpPort, httpsPort] = await findFreePorts();
  await mkdir(options.dir, { recursive: true });
  const agent = await ExtraAgent.join(api, { ...options, httpPort, httpsPort });
  const backends = [await startBackend('0'), await startBackend('1')] as const;
  try {
    const services = await createServices(api, options, backends[0].port);
    const last = services.at(-1);
    if (last === undefined) throw new Error('there is no service to change');
    const domain = last.domains[0] ?? '';
    await waitForAnswer(httpPort, domain, '0', 60_000);

    const samples: number[] = [];
    for (let change = 1; change <= options.changes; change += 1) {
      const which = (change % 2) as 0 | 1;
      const startedAt = performance.now();
      const saved = api.expect(updateService, {
        params: { id: last.id },
        body: {
          name: last.name,
          domains: last.domains,
          agentIds: last.agentIds,
          target: { host: '127.0.0.1', port: backends[which].port },
        },
      });
      await Promise.all([saved, waitForAnswer(httpPort, domain, String(which))]);
      samples.push(performance.now() - startedAt);
    }
    return samples;
  } finally {
    await agent.stop();
    await Promise.all(backends.map((backend) => backend.stop()));
  }
}

async function createServices(api: ApiClient, options: ChangesOptions, port: number): Promise<Service[]> {
  const agentId = await waitFor(`the node ${options.name} to be online`, async () => {
    const { items } = await api.expect(listAgents, { query: { search: options.name } });
    return items.find((agent) => agent.name === options.name && agent.status === 'online')?.id ?? null;
  });
  const services: Service[] = [];
  for (let site = 1; site <= options.sites; site += 1) {
    const name = `${options.name}-${site}`;
    const body = { name, domains: [`${name}.example.com`], agentIds: [agentId], target: { host: '127.0.0.1', port } };
    services.push(await api.expect(createService, { body }));
  }
  return services;
}
