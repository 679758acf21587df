import { randomUUID } from 'node:crypto';
import { queryRows } from '@flotilla/core-db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';
import { askForTemplate } from './ask-for-template.ts';
import {
  addTemplateNode,
  ask,
  askNode,
  BOUND,
  buildInput,
  readDatabase,
  reportRead,
  SECRET,
  shopTemplate,
  type TemplateNode,
} from './testing/template-node.ts';

let api: TestApi;
let token: string;
let viewer: string;

beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('ann@example.com', 'operator');
  await api.addUser('vic@example.com', 'viewer');
  token = (await api.signIn('ann@example.com')).token;
  viewer = (await api.signIn('vic@example.com')).token;
});
afterAll(() => api.close());

describe('asking for a container', () => {
  it('is for operators only', async () => {
    const { agentId, beat } = await addTemplateNode(api);
    expect((await ask(api, { agentId, token: viewer })).status).toBe(403);
    expect(await beat(), 'and the node hears nothing of it').toEqual([]);
  });

  it.each<[string, (node: TemplateNode) => Promise<unknown>, number, RegExp]>([
    [
      'that the node does not have',
      async (node) => {
        const taskId = (await node.takeTask()).id;
        await node.beat([{ taskId, status: 'succeeded', type: 'READ_CONTAINER', result: { outcome: 'not_found' } }]);
      },
      404,
      /no container on node-.* that is called shop_web_1/,
    ],
    [
      'that the node cannot read',
      async (node) => node.beat([{ taskId: (await node.takeTask()).id, status: 'failed', error: 'Docker is away' }]),
      409,
      /could not read shop_web_1: Docker is away/,
    ],
    [
      'of a node that is removed meanwhile',
      async (node) => {
        await node.takeTask();
        await api.database.query('delete from agents where id = $1', [node.agentId]);
      },
      409,
      /The node was removed meanwhile/,
    ],
  ])('%s is answered so', async (_, answerAs, status, detail) => {
    const node = await addTemplateNode(api);
    const [answer] = await Promise.all([ask(api, { agentId: node.agentId, token }), answerAs(node)]);
    expect([answer.status, answer.body]).toMatchObject([status, { detail: expect.stringMatching(detail) as string }]);
  });

  it('of a node that is offline, or of none, is refused at once and makes no task', async () => {
    const { agentId } = await addTemplateNode(api, { isOnline: false });
    expect(await ask(api, { agentId, token })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('is offline') },
    });
    expect(await queryRows(api.database, 'select 1 from tasks where agent_id = $1', [agentId])).toEqual([]);
    expect((await ask(api, { agentId: randomUUID(), token })).status).toBe(404);
    expect((await ask(api, { agentId, token, container: 'a%20b' })).status).toBe(400);
  });

  it('of a node that is silent ends in time, and its late word is not kept', async () => {
    const node = await addTemplateNode(api);
    const deps = { database: api.database, wakeAgent: () => undefined, waitMs: 3000, now: () => new Date() };
    const wanted = { agentId: node.agentId, container: 'shop_web_1', createdBy: 'ann' };
    const asking = askForTemplate(deps, wanted, new AbortController().signal).catch((error: unknown) => error);
    const { id } = await node.takeTask();
    expect(await asking).toMatchObject({ status: 409, problemName: 'node-silent' });
    expect(await node.beat(), 'nobody waits for it any more').toEqual([]);
    await node.beat([reportRead(id)]);
    const late = await queryRows<{ task: string }>(api.database, 'select t::text as task from tasks t where id = $1', [
      id,
    ]);
    expect(late[0]?.task).not.toContain(SECRET);
    expect(await queryRows(api.database, 'select 1 from container_templates where id = $1', [id])).toEqual([]);
  });

  it('ends with its caller', async () => {
    const node = await addTemplateNode(api);
    const leaving = new AbortController();
    const url = `${api.url}/api/agents/${node.agentId}/containers/shop_web_1/template`;
    const headers = { authorization: `Bearer ${token}` };
    const asking = fetch(url, { method: 'POST', headers, signal: leaving.signal }).catch((error: unknown) => error);
    const { id } = await node.takeTask();
    leaving.abort();
    expect(await asking).toMatchObject({ name: 'AbortError' });
    const readState = async () => queryRows(api.database, 'select state from tasks where id = $1', [id]);
    await expect.poll(readState, BOUND).toEqual([{ state: 'expired' }]);
  });

  it('keeps nothing that a node sends for a task of another kind', async () => {
    const node = await addTemplateNode(api);
    const view = await askNode(api, node, token);
    await api.call('POST', '/api/services', { token, json: buildInput(node, view) });
    const [update] = await node.beat();
    await node.beat([reportRead(update?.id ?? '')]);
    expect(await readDatabase(api)).not.toContain(SECRET);
    const ids = await queryRows(api.database, 'select 1 from container_templates where id = $1', [update?.id]);
    expect(ids).toEqual([]);
  });

  it('of another node’s task changes nothing', async () => {
    const [node, other] = [await addTemplateNode(api), await addTemplateNode(api)];
    const asking = ask(api, { agentId: node.agentId, token });
    const { id } = await node.takeTask();
    await other.beat([reportRead(id, { ...shopTemplate, name: 'forged' })]);
    await node.beat([reportRead(id)]);
    expect(await asking).toMatchObject({ status: 201, body: { name: 'shop_web_1' } });
  });
});
