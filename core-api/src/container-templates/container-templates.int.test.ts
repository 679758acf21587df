import { randomUUID } from 'node:crypto';
import type { Service } from '@flotilla/contracts';
import { deleteOldRows, queryRows } from '@flotilla/core-db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';
import {
  addTemplateNode,
  askNode,
  buildInput,
  OTHER_SECRET,
  readDatabase,
  SECRET,
  shopTemplate,
  type TemplateNode,
} from './testing/template-node.ts';

let api: TestApi;
let token: string;

beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('ann@example.com', 'operator');
  token = (await api.signIn('ann@example.com')).token;
});
afterAll(() => api.close());

const create = (input: object) => api.call('POST', '/api/services', { token, json: input });

/** What the node is given to run. */
async function readEnvironment(node: TemplateNode): Promise<unknown> {
  const tasks = await node.beat();
  const sites = tasks.flatMap((task) => (task.type === 'UPDATE_NGINX' ? task.payload.sites : []));
  return sites.at(-1)?.replicas?.container.environment;
}

describe('a container of a node as a template', () => {
  it('is shown without its values, and gives them to a service that is saved with it', async () => {
    const node = await addTemplateNode(api);
    const view = await askNode(api, node, token);
    const { container, ...rest } = shopTemplate;
    expect(view).toEqual({
      ...rest,
      templateId: expect.any(String) as string,
      expiresAt: expect.any(String) as string,
      container: {
        ...container,
        environment: [
          { name: 'API_KEY', isSecret: true },
          { name: 'MODE', isSecret: true },
        ],
        registry: null,
      },
    });
    const created = await create(buildInput(node, view));
    expect(created.status, JSON.stringify(created.body)).toBe(201);
    expect((created.body as Service).replicas?.container).toEqual(view.container);
    expect(created.body).not.toHaveProperty('templateId');
    expect(await readEnvironment(node)).toEqual([
      { name: 'API_KEY', isSecret: true, value: SECRET },
      { name: 'MODE', isSecret: true, value: OTHER_SECRET },
    ]);
  });

  it('lies in plain text in no table, no answer and no line of the log', async () => {
    const node = await addTemplateNode(api);
    const view = await askNode(api, node, token);
    const { body } = await create(buildInput(node, view));
    const { id } = body as Service;
    const pages = ['/api/tasks', '/api/audit', '/api/services', `/api/services/${id}`, `/api/services/${id}/config`];
    const answers = await Promise.all(pages.map((path) => api.call('GET', path, { token })));
    const shown = JSON.stringify([view, body, ...answers.map((answer) => answer.body)]);
    const stored = await readDatabase(api);
    // The names are there, so that the values would be found, too.
    expect(stored).toContain('"API_KEY"');
    expect(stored).toContain(view.templateId);
    expect(shown).toContain('READ_CONTAINER');
    for (const text of [shown, stored, api.log()]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(OTHER_SECRET);
    }
  });

  it('gives its values to several services, and to one again', async () => {
    const node = await addTemplateNode(api);
    const view = await askNode(api, node, token);
    const [first, second] = [await create(buildInput(node, view)), await create(buildInput(node, view))];
    expect([first.status, second.status]).toEqual([201, 201]);
    const { id } = first.body as Service;
    const again = await api.call('PUT', `/api/services/${id}`, { token, json: buildInput(node, view) });
    expect(again.status, JSON.stringify(again.body)).toBe(200);
  });

  it('comes before what the service had, which stays where the template has nothing', async () => {
    const node = await addTemplateNode(api);
    const view = await askNode(api, node, token);
    const former = [
      { name: 'API_KEY', isSecret: true, value: 'former key' },
      { name: 'KEPT', isSecret: true, value: 'former value' },
    ];
    const registry = { username: 'robot', password: 'former password' };
    const container = { ...view.container, environment: former, registry };
    const created = await create(buildInput(node, view, { templateId: undefined, replicas: { container } }));
    const { id } = created.body as Service;
    const environment = [
      { name: 'API_KEY', isSecret: true },
      { name: 'KEPT', isSecret: true },
      { name: 'MODE', isSecret: false, value: 'typed' },
    ];
    const change = { replicas: { container: { ...container, environment, registry: { username: 'robot' } } } };
    const saved = await api.call('PUT', `/api/services/${id}`, { token, json: buildInput(node, view, change) });
    expect(saved.status, JSON.stringify(saved.body)).toBe(200);
    expect(await readEnvironment(node)).toEqual([
      { name: 'API_KEY', isSecret: true, value: SECRET },
      { name: 'KEPT', isSecret: true, value: 'former value' },
      { name: 'MODE', isSecret: false, value: 'typed' },
    ]);
  });

  it.each<[string, () => Promise<string>]>([
    ['is not known', async () => randomUUID()],
    [
      'has expired',
      async () => {
        const { templateId } = await askNode(api, await addTemplateNode(api), token);
        await api.database.query('update container_templates set expires_at = now() where id = $1', [templateId]);
        return templateId;
      },
    ],
  ])('that %s is refused by its field, with what to do', async (_, makeId) => {
    const node = await addTemplateNode(api);
    const view = await askNode(api, node, token);
    const answer = await create(buildInput(node, view, { templateId: await makeId() }));
    const message = expect.stringContaining('choose the container again') as string;
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ field: 'templateId', message }] }]);
    const without = await create(buildInput(node, view, { templateId: undefined }));
    expect([without.status, without.body]).toMatchObject([
      400,
      { errors: [{ field: 'replicas.container.environment.0.value' }, {}] },
    ]);
  });

  it('is removed by the clean-up once it has expired', async () => {
    const [old, recent] = [
      await askNode(api, await addTemplateNode(api), token),
      await askNode(api, await addTemplateNode(api), token),
    ];
    await api.database.query(`update container_templates set expires_at = now() - interval '1 s' where id = $1`, [
      old.templateId,
    ]);
    await deleteOldRows(api.database, 'containerTemplates', 0);
    const left = await queryRows<{ id: string }>(api.database, 'select id from container_templates');
    expect(left.map(({ id }) => id)).toContain(recent.templateId);
    expect(left.map(({ id }) => id)).not.toContain(old.templateId);
  });
});
