import {
  createService,
  deleteAgent,
  deleteService,
  heartbeat,
  listAgents,
  listServices,
  subjects,
  updateService,
  type Agent,
} from '@flotilla/contracts';
import { jwtAuthenticator, wsconnect, type NatsConnection } from '@nats-io/nats-core';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from './harness/api.ts';
import { startBackend, type Backend } from './harness/backend.ts';
import { ExtraAgent } from './harness/extra-agent.ts';
import { fetchThroughProxy } from './harness/proxy-client.ts';
import { findFreePorts, FlotillaSystem } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

interface AgentState {
  readonly agentId: string;
  readonly apiKey: string;
  readonly bus: { readonly seed: string; readonly jwt: string; readonly urls: readonly string[] };
}

/** Two nodes of one Core on one machine: each gets its own and nothing of the other's. */
describe('two agents', () => {
  let system: FlotillaSystem;
  let api: ApiClient;
  let first: Agent;
  let second: Agent;
  let extra: ExtraAgent;
  let extraPorts: [number, number, number];
  const backends: Backend[] = [];
  const connections: NatsConnection[] = [];

  beforeAll(async () => {
    system = await FlotillaSystem.create();
    await system.start();
    api = await system.signIn();
    first = await system.waitForLocalAgent(api);
    extraPorts = await findFreePorts();
    extra = await ExtraAgent.join(api, {
      name: 'second',
      dir: join(system.dataDir, 'second-agent'),
      httpPort: extraPorts[0],
      httpsPort: extraPorts[1],
    });
    second = await waitFor('the second node to be online', async () => {
      const { items } = await api.expect(listAgents);
      return items.find((agent) => agent.name === 'second' && agent.status === 'online') ?? null;
    });
    backends.push(await startBackend('of the first'), await startBackend('of the second'));
  });

  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await extra.stop();
    await Promise.all(backends.map((backend) => backend.stop()));
    await system.destroy();
  });

  const connectAs = async (state: AgentState) => {
    // What the Core hands out leads through its nginx: the way of an agent behind NAT.
    const connection = await wsconnect({
      servers: [...state.bus.urls],
      authenticator: jwtAuthenticator(state.bus.jwt, new TextEncoder().encode(state.bus.seed)),
      inboxPrefix: `_INBOX.${state.agentId}`,
      reconnect: false,
    });
    connections.push(connection);
    return connection;
  };
  const changeService = async (agentId: string) => {
    const [service] = (await api.expect(listServices, { query: { agentId } })).items;
    if (service === undefined) throw new Error('the node has no service');
    const { id, domains, target } = service;
    await api.expect(updateService, {
      params: { id },
      body: { name: 'changed', domains, agentIds: [agentId], target },
    });
  };
  const secondState = async () => (await extra.readState()) as unknown as AgentState;

  it('serve different services under their own ports', async () => {
    const addService = (agentId: string, name: string, backend: Backend | undefined) =>
      api.expect(createService, {
        body: {
          name,
          domains: [`${name}.example.com`],
          agentIds: [agentId],
          target: { host: '127.0.0.1', port: backend?.port ?? 0 },
        },
      });
    await addService(first.id, 'one', backends[0]);
    await addService(second.id, 'two', backends[1]);

    await waitFor('the first node to serve', async () =>
      (await fetchThroughProxy(system.proxyHttpPort, 'one.example.com')).body === 'of the first' ? true : null,
    );
    await waitFor('the second node to serve', async () =>
      (await fetchThroughProxy(extraPorts[0], 'two.example.com')).body === 'of the second' ? true : null,
    );
    await expect(fetchThroughProxy(system.proxyHttpPort, 'two.example.com')).rejects.toThrow('socket hang up');
    await expect(fetchThroughProxy(extraPorts[0], 'one.example.com')).rejects.toThrow('socket hang up');
  });

  it('get only the tasks of their own key, whatever a request says', async () => {
    const { apiKey } = await secondState();
    const body = { agentVersion: '0.1.0', agentId: first.id };
    // The agent itself must not be quicker than this test.
    await extra.stop();
    for (const agent of [first, second]) await changeService(agent.id);
    const own = await new ApiClient(api.baseUrl, apiKey).call(heartbeat, { body });
    const { tasks } = heartbeat.response.parse(own.body);
    expect(
      tasks.flatMap((task) => (task.type === 'UPDATE_NGINX' ? task.payload.sites : [])).flatMap((site) => site.domains),
    ).toEqual(['two.example.com']);
    extra.start();

    const forged = apiKey.replace(second.id.replaceAll('-', ''), first.id.replaceAll('-', ''));
    expect(forged).not.toBe(apiKey);
    expect((await new ApiClient(api.baseUrl, forged).call(heartbeat, { body })).status).toBe(401);
    expect((await new ApiClient(api.baseUrl, apiKey).call(listAgents)).status).toBe(401);
  });

  it('cannot listen to, or speak for, each other on the bus', async () => {
    const connection = await connectAs(await secondState());
    const listen = async (subject: string) => {
      const subscription = connection.subscribe(subject, { callback: () => undefined });
      await connection.flush();
      const outcome = await Promise.race([
        subscription.closed.then((error) => (error === undefined ? 'closed' : 'refused')),
        new Promise((resolve) => setTimeout(resolve, 500, 'allowed')),
      ]);
      subscription.unsubscribe();
      return outcome;
    };
    expect(await listen(subjects.agentWake(first.id))).toBe('refused');
    expect(await listen(subjects.allEvents)).toBe('refused');
    expect(await listen('>')).toBe('refused');
    expect(await listen(subjects.agentWake(second.id)), 'the control: its own subject').toBe('allowed');

    const refusals: string[] = [];
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') refusals.push(String(status.error));
    })();
    connection.publish(subjects.agentPresence(second.id), '{}');
    await connection.flush();
    expect(refusals, 'the control: its own subject').toEqual([]);
    connection.publish(subjects.agentPresence(first.id), '{}');
    connection.publish(subjects.event('agent_offline', first.id), '{}');
    await waitFor('the server to refuse both', () => (refusals.length >= 2 ? true : null));
    expect(refusals.join()).toContain(subjects.agentPresence(first.id));
  });

  it('lose key and bus when removed, and keep serving', async () => {
    const state = await secondState();
    const connection = await connectAs(state);
    const services = await api.call(deleteAgent, { params: { id: second.id } });
    expect(services.status, 'a node with services is not removed by accident').toBe(409);

    const { services: named } = services.body as { services: { id: string }[] };
    for (const { id } of named) await api.expect(deleteService, { params: { id } });
    await waitFor('the agent to apply the removal', async () => {
      const agent = (await api.expect(listAgents)).items.find(({ id }) => id === second.id);
      return agent?.configuration.appliedRevision === agent?.configuration.desiredRevision ? true : null;
    });
    await api.expect(deleteAgent, { params: { id: second.id } });

    await Promise.race([connection.closed(), failAfter(2000, 'the bus connection stayed open')]);
    const answer = await new ApiClient(api.baseUrl, state.apiKey).call(heartbeat, { body: { agentVersion: '0.1.0' } });
    expect(answer.status).toBe(401);
    await waitFor('the agent to say so', () => (/removed|refused|401/i.test(extra.output) ? true : null));
    expect(extra.isRunning).toBe(true);
  });
});

function failAfter(timeoutMs: number, message: string): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new Error(message)), timeoutMs).unref());
}
