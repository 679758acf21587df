import type { Service, ServiceConfig } from '@flotilla/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDesiredState } from '../testing/read-desired-state.ts';
import { startCores, type SimulatedAgent, type TestCores } from '../testing/start-cores.ts';

let cores: TestCores;
beforeAll(async () => {
  cores = await startCores(2);
});
afterAll(() => cores.close());

const target = { host: '127.0.0.1', port: 3000 };
const inputOf = ({ name, domains, agentIds, target: to }: Service, change: object = {}) => ({
  name,
  domains,
  agentIds,
  target: to,
  ...change,
});
/** What the node would be told to serve now. */
const readDesired = async (agent: SimulatedAgent) => {
  const [row] = await cores.query<{ revision: string; sites: { serviceId: string; serviceRevision: number }[] }>(
    `select payload->>'revision' as revision, payload->'sites' as sites from tasks
     where agent_id = $1 and state = 'pending'`,
    [agent.id],
  );
  return row;
};
const countStored = async () => {
  const [row] = await cores.query<{ count: number }>(
    `select (select count(*) from services) + (select count(*) from service_domains) + (select count(*) from tasks)
       + (select count(*) from service_revisions) + (select count(*) from audit where action like 'service%') as count`,
  );
  return Number(row?.count);
};

describe('saves at once', () => {
  it('on one node all reach its desired state', async () => {
    const agent = await cores.addAgent('busy');
    const services = await Promise.all(
      Array.from({ length: 40 }, (_, index) => cores.addService(agent.id, { name: `s${index}` }, index)),
    );
    const desired = await readDesired(agent);
    expect(desired?.sites.map(({ serviceId }) => serviceId)).toEqual(services.map(({ id }) => id).toSorted());
    const open = await cores.query(
      `select state, count(*)::int as count from tasks where agent_id = $1 group by state order by state`,
      [agent.id],
    );
    expect(open).toEqual([
      { state: 'pending', count: 1 },
      { state: 'superseded', count: 39 },
    ]);
    const { body } = await cores.call('GET', `/api/agents/${agent.id}`);
    expect(body).toMatchObject({ configuration: { desiredRevision: desired?.revision, services: 40 } });
  });

  it('of one service give each its own revision', async () => {
    const agent = await cores.addAgent('one service');
    const service = await cores.addService(agent.id);
    const saves = await Promise.all(
      Array.from({ length: 20 }, (_, core) =>
        cores.call('PUT', `/api/services/${service.id}`, inputOf(service, { name: `save ${core}` }), { core }),
      ),
    );
    const revisions = saves.map(({ body }) => (body as Service).revision).toSorted((left, right) => left - right);
    expect(revisions).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
    expect((await readDesired(agent))?.sites).toMatchObject([{ serviceRevision: 21 }]);
  });

  it('that move services between two nodes in both directions do not wait for each other for ever', async () => {
    const [left, right] = [await cores.addAgent('left'), await cores.addAgent('right')];
    const services = await Promise.all(
      Array.from({ length: 16 }, (_, index) => cores.addService((index % 2 === 0 ? left : right).id)),
    );
    const moved = await Promise.all(
      services.map((service, core) => {
        const agentIds = service.agentIds.includes(left.id) ? [right.id] : [left.id];
        return cores.call('PUT', `/api/services/${service.id}`, inputOf(service, { agentIds }), { core });
      }),
    );
    expect(new Set(moved.map(({ status }) => status))).toEqual(new Set([200]));
    const sitesOf = async (agent: SimulatedAgent) =>
      (await readDesired(agent))?.sites.map(({ serviceId }) => serviceId).toSorted();
    const idsAt = (parity: number) =>
      services
        .filter((_, index) => index % 2 === parity)
        .map(({ id }) => id)
        .toSorted();
    expect(await sitesOf(left)).toEqual(idsAt(1));
    expect(await sitesOf(right)).toEqual(idsAt(0));
  });

  it('let one of two have a domain, and name it to the other', async () => {
    const agent = await cores.addAgent('contested');
    for (let round = 0; round < 10; round += 1) {
      const domain = `round-${round}.example.com`;
      const answers = await Promise.all(
        [0, 1].map((core) =>
          cores.call(
            'POST',
            '/api/services',
            {
              name: `rival ${core}`,
              domains: [`own-${core}-${round}.example.com`, domain],
              agentIds: [agent.id],
              target,
            },
            { core },
          ),
        ),
      );
      const won = answers.filter(({ status }) => status === 201);
      const lost = answers.filter(({ status }) => status === 409);
      expect([won.length, lost.length]).toEqual([1, 1]);
      const winner = won[0]?.body as Service;
      expect(lost[0]?.body).toMatchObject({ conflicts: [{ domain, serviceId: winner.id, serviceName: winner.name }] });
    }
    const rows = await cores.query('select 1 as row from service_nodes where agent_id = $1', [agent.id]);
    expect(rows).toHaveLength(10);
  });

  it('let two nodes have the same domain', async () => {
    const domains = ['both.example.com'];
    for (const name of ['a', 'b']) {
      const service = await cores.addService((await cores.addAgent(name)).id, { domains });
      expect(service).toMatchObject({ nodes: [{ agentName: name }], domains });
    }
  });

  it('of two operators: the second sees what the first has changed', async () => {
    const agent = await cores.addAgent('two operators');
    const service = await cores.addService(agent.id);
    const path = `/api/services/${service.id}`;
    const first = await cores.call('PUT', path, inputOf(service, { target: { ...target, port: 4000 } }), {
      ifMatch: '"1"',
    });
    expect(first.headers.get('etag')).toBe('"2"');
    for (const ifMatch of ['"1"', 'W/"1"', '1']) {
      const second = await cores.call('PUT', path, inputOf(service, { name: 'mine' }), { ifMatch, core: 1 });
      expect(second).toMatchObject({
        status: 409,
        body: {
          current: { revision: 2, target: { port: 4000 } },
          changes: [{ field: 'target.port', before: 3000, after: 4000 }],
        },
      });
    }
    expect((await cores.call('PUT', path, inputOf(service), { ifMatch: 'seven' })).status).toBe(400);
    expect((await cores.call('PUT', path, inputOf(service), { ifMatch: 'W/"2"' })).status).toBe(200);
    expect((await cores.call('PUT', path, inputOf(service))).status).toBe(200);
    expect((await cores.call('DELETE', path, undefined, { ifMatch: '"3"' })).status).toBe(409);
  });
});

describe('what cannot be served', () => {
  const change = (field: string, value: unknown) => ({ [field]: value });
  const host = (value: unknown) => ({ target: { host: value, port: 80 } });
  const port = (value: unknown) => ({ target: { host: 'a.internal', port: value } });
  const header = (name: unknown, value: unknown) => ({ responseHeaders: [{ name, value }] });

  it.each([
    ['domains.0', change('domains', ['a.com; return 200 x;'])],
    ['domains.0', change('domains', ['../../x'])],
    ['domains.0', change('domains', ['*.*.com'])],
    ['domains.0', change('domains', [`${'a.'.repeat(125)}abcd`])],
    ['domains.1', change('domains', ['ok.example.com', 'a\nb.com'])],
    ['domains.0', change('domains', ['a.com\u0000'])],
    ['domains', change('domains', [])],
    ['domains', change('domains', 'a.com')],
    ['target.host', host('a.com;')],
    ['target.host', host('$host')],
    ['target.port', port(0)],
    ['target.port', port(65_536)],
    ['target.port', port('80')],
    ['target.container', { target: { container: 'a b', port: 80 } }],
    ['responseHeaders.0.value', header('X-A', 'a\r\nSet-Cookie: b')],
    ['responseHeaders.0.name', header('X-A: b', 'c')],
    ['requestHeaders.0.name', { requestHeaders: [{ name: 'Host', value: 'x' }] }],
    ['locations.0.path', { locations: [{ path: '/a { return 200; }', target }] }],
    ['locations.0.path', { locations: [{ path: '/../etc', target }] }],
    ['redirect.to', { redirect: { to: 'javascript:alert(1)' } }],
    ['access.allow.0', { access: { allow: ['10.0.0.0/33'], deny: [] } }],
    ['trustedProxies.0', { trustedProxies: ['all; allow all'] }],
    [
      'basicAuth.realm',
      { basicAuth: { realm: 'a"; deny all; "', users: [{ username: 'ann', password: '12345678' }] } },
    ],
    ['basicAuth.users.0.username', { basicAuth: { users: [{ username: 'a:b', password: '12345678' }] } }],
    ['basicAuth.users.0.password', { basicAuth: { users: [{ username: 'ann' }] } }],
    ['name', change('name', 'a\r\nb')],
    ['name', change('name', 'half a \ud800')],
    ['agentIds.0', change('agentIds', ['../agents'])],
    ['agentIds.0', change('agentIds', ['0190b6f0-7c3e-7000-8000-00000000dead'])],
    ['nginx', change('nginx', 'return 200;')],
  ])('is refused by its name: %s %j', async (field, wrong) => {
    const agent = await cores.addAgent(`for ${field} ${JSON.stringify(wrong).slice(0, 50)} ${Math.random()}`);
    const before = await countStored();
    const body = { name: 'x', domains: ['ok.example.com'], agentIds: [agent.id], target, ...wrong };
    const answer = await cores.call('POST', '/api/services', body);
    expect(answer.status).toBe(400);
    const { errors } = answer.body as { errors: { field: string; message: string }[] };
    expect(errors.map((error) => error.field)).toContain(field);
    expect(await countStored()).toBe(before);
  });

  it('is stored as the one that is right (control of the count above)', async () => {
    const agent = await cores.addAgent('right one');
    const before = await countStored();
    await cores.addService(agent.id);
    expect(await countStored()).toBe(before + 5);
  });
});

describe('a service', () => {
  it('keeps passwords to itself, and those that are left out', async () => {
    const agent = await cores.addAgent('secretive');
    const basicAuth = { realm: 'Staff', users: [{ username: 'ann', password: 'correct horse' }] };
    const service = await cores.addService(agent.id, { basicAuth });
    expect(service.basicAuth).toEqual({ realm: 'Staff', users: [{ username: 'ann' }] });
    const hashOf = async () => {
      const { tasks } = await agent.beat();
      return readDesiredState(tasks[0])?.sites[0]?.basicAuth?.users[0]?.passwordHash;
    };
    const hash = await hashOf();
    expect(hash).toMatch(/^\{SSHA\}[A-Za-z0-9+/]{48}$/);
    await cores.call('PUT', `/api/services/${service.id}`, inputOf(service, { basicAuth: service.basicAuth }));
    expect(await hashOf()).toBe(hash);
    const shown = await Promise.all(
      ['', '/config', '/config/diff?from=1&to=2'].map((part) =>
        cores.call('GET', `/api/services/${service.id}${part}`),
      ),
    );
    shown.push(await cores.call('GET', `/api/audit?subjectId=${service.id}`), await cores.call('GET', '/api/services'));
    expect(shown.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(JSON.stringify(shown.map(({ body }) => body))).not.toMatch(/SSHA|correct horse/);
  });

  it('that moves leaves its node and is served by the other', async () => {
    const [from, to] = [await cores.addAgent('from'), await cores.addAgent('to')];
    const service = await cores.addService(from.id);
    const [first] = (await from.beat()).tasks;
    await from.beat({
      appliedRevision: readDesiredState(first)?.revision,
      taskResults: [
        {
          taskId: first?.id,
          status: 'succeeded',
          type: 'UPDATE_NGINX',
          result: { outcome: 'applied', revision: readDesiredState(first)?.revision, rejectedSites: [] },
        },
      ],
    });
    const answer = await cores.call('PUT', `/api/services/${service.id}`, inputOf(service, { agentIds: [to.id] }));
    expect(answer.body).toMatchObject({
      nodes: [{ agentName: 'to', configuration: { state: 'applying', appliedRevision: null } }],
    });
    expect(
      readDesiredState((await from.beat({ appliedRevision: readDesiredState(first)?.revision })).tasks[0])?.sites,
    ).toEqual([]);
    expect(readDesiredState((await to.beat()).tasks[0])?.sites).toMatchObject([{ serviceId: service.id }]);
  });

  it('has a history with the files that were served, and goes back', async () => {
    const agent = await cores.addAgent('historian');
    const service = await cores.addService(agent.id);
    const path = `/api/services/${service.id}`;
    const apply = async (text: string) => {
      const [task] = (await agent.beat()).tasks;
      const revision = readDesiredState(task)?.revision;
      const serviceRevision = readDesiredState(task)?.sites[0]?.serviceRevision;
      await agent.beat({
        appliedRevision: revision,
        taskResults: [
          {
            taskId: task?.id,
            status: 'succeeded',
            type: 'UPDATE_NGINX',
            result: { outcome: 'applied', revision, rejectedSites: [] },
          },
        ],
        siteConfigs: [{ serviceId: service.id, serviceRevision, text }],
      });
    };
    await apply('server {\n  port 3000;\n}\n');
    await cores.call('PUT', path, inputOf(service, { target: { ...target, port: 4000 } }));
    await cores.call('PUT', path, inputOf(service, { target: { ...target, port: 5000 } }));
    await apply('server {\n  port 5000;\n}\n');

    const config = (await cores.call('GET', `${path}/config`)).body as ServiceConfig;
    expect(config).toMatchObject({
      configuration: { state: 'applied', appliedRevision: 3 },
      config: 'server {\n  port 5000;\n}\n',
      history: [
        { revision: 3, state: 'applied', settings: { target: { port: 5000 } } },
        { revision: 2, state: 'superseded', config: null },
        { revision: 1, state: 'applied', config: 'server {\n  port 3000;\n}\n' },
      ],
    });
    const diff = await cores.call('GET', `${path}/config/diff?from=1&to=3`);
    expect(diff.body).toEqual({
      settings: [{ field: 'target.port', before: 3000, after: 5000 }],
      config: [
        { kind: 'same', text: 'server {' },
        { kind: 'removed', text: '  port 3000;' },
        { kind: 'added', text: '  port 5000;' },
        { kind: 'same', text: '}' },
      ],
    });
    expect((await cores.call('GET', `${path}/config/diff?from=1&to=9`)).status).toBe(404);

    const back = await cores.call('POST', `${path}/rollback`, { revision: 1 }, { ifMatch: '"3"' });
    expect(back).toMatchObject({ status: 200, body: { revision: 4, target: { port: 3000 } } });
    expect((await cores.call('POST', `${path}/rollback`, { revision: 1 }, { ifMatch: '"3"' })).status).toBe(409);
    const { history } = (await cores.call('GET', `${path}/config?limit=1`)).body as ServiceConfig;
    expect(history).toMatchObject([{ revision: 4, restoredRevision: 1, state: 'applying' }]);
  });

  it('with files of thousands of lines has them compared within a second', async () => {
    const agent = await cores.addAgent('large files');
    const service = await cores.addService(agent.id);
    await cores.call('PUT', `/api/services/${service.id}`, inputOf(service));
    const textOf = (word: string) => Array.from({ length: 12_000 }, (_, index) => `${word}${index};`).join('\n');
    for (const [serviceRevision, word] of [
      [1, 'old'],
      [2, 'new'],
    ] as const) {
      await agent.beat({ siteConfigs: [{ serviceId: service.id, serviceRevision, text: textOf(word) }] });
    }
    const startedAt = performance.now();
    const { body } = await cores.call('GET', `/api/services/${service.id}/config/diff?from=1&to=2`);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect((body as { config: unknown[] }).config).toHaveLength(24_000);
  });

  it('frees its domains when it is removed', async () => {
    const agent = await cores.addAgent('freed');
    const service = await cores.addService(agent.id, { domains: ['again.example.com'] });
    expect((await cores.call('DELETE', `/api/services/${service.id}`)).status).toBe(204);
    expect((await readDesired(agent))?.sites).toEqual([]);
    await cores.addService(agent.id, { domains: ['again.example.com'] });
  });
});
