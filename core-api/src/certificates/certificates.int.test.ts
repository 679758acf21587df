import { createHash } from 'node:crypto';
import type { Certificate } from '@flotilla/contracts';
import { makeCertificate } from '@flotilla/runtime/certificates';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.ts';

const DAY_MS = 86_400_000;
const DOMAIN = 'shop.example.com';

async function make(domains: readonly string[], days = 90): Promise<{ certificate: string; key: string }> {
  const notBefore = new Date(Date.now() - 60_000);
  const pem = await makeCertificate({ domains, notBefore, notAfter: new Date(notBefore.getTime() + days * DAY_MS) });
  const at = pem.indexOf('-----BEGIN PRIVATE');
  return { certificate: pem.slice(0, at), key: pem.slice(at) };
}

describe('certificates', () => {
  let api: TestApi;
  let token: string;
  let viewer: string;
  let keys: string[];
  let agentIds: string[];

  beforeAll(async () => {
    api = await startTestApi();
    await api.addUser('ann@example.com', 'operator');
    await api.addUser('vera@example.com', 'viewer');
    token = (await api.signIn('ann@example.com')).token;
    viewer = (await api.signIn('vera@example.com')).token;
    keys = [await api.addAgent('north'), await api.addAgent('south')];
    const { body } = await api.call('GET', '/api/agents?sort=name', { token });
    agentIds = (body as { items: { id: string }[] }).items.map(({ id }) => id);
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    await api.database.query('delete from services');
    await api.database.query('delete from certificates');
    await api.database.query('delete from tasks');
  });

  const post = async (path: string, json: unknown) => api.call('POST', path, { token, json });
  const upload = async (domains: readonly string[], days?: number): Promise<Certificate> => {
    const { status, body } = await post('/api/certificates', await make(domains, days));
    expect(status).toBe(201);
    return body as Certificate;
  };
  const addService = async (tls: object, more: object = {}): Promise<string> => {
    const target = { host: '127.0.0.1', port: 3000 };
    const draft = { name: 'shop', agentIds: [agentIds[0]], domains: [DOMAIN], target, tls, ...more };
    const { status, body } = await post('/api/services', draft);
    expect([status, body]).toEqual([201, expect.anything()]);
    return (body as { id: string }).id;
  };
  const list = async (): Promise<Certificate[]> => {
    const { body } = await api.call('GET', '/api/certificates', { token: viewer });
    return (body as { items: Certificate[] }).items;
  };
  /** What the task that a node has not got yet says of its sites. */
  const readHashes = async (node: number): Promise<(string | null)[]> => {
    const [row]: { sites: { certificateHash: string | null }[] }[] = await api.database.query(
      `select payload->'sites' as sites from tasks where agent_id = $1 and type = 'UPDATE_NGINX' and state = 'pending'`,
      [agentIds[node]],
    );
    return (row?.sites ?? []).map(({ certificateHash }) => certificateHash);
  };
  const countTasks = async (): Promise<number> => {
    const [row]: { count: number }[] = await api.database.query('select count(*)::int as count from tasks');
    return row?.count ?? 0;
  };
  const fetchAs = (node: number, hash: string | null | undefined) =>
    api.call('POST', '/api/agent/certificates', { token: keys[node] ?? '', json: { hash } });

  it('are shown with all that people ask of them, and never with a key', async () => {
    await addService({ mode: 'certificate' });
    const pair = await make([DOMAIN, '*.example.org'], 90);
    const { status, body } = await post('/api/certificates', pair);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      source: 'uploaded',
      state: 'valid',
      names: [DOMAIN, '*.example.org'],
      keyType: 'EC P-256',
      isSelfSigned: true,
      updatedBy: 'ann@example.com',
      services: [{ name: 'shop' }],
    });
    const secret = pair.key.split('\n')[1] ?? '';
    const [row]: { text: string }[] = await api.database.query('select c::text as text from certificates c');
    const audit = await api.call('GET', '/api/audit', { token });
    for (const text of [JSON.stringify(await list()), row?.text, JSON.stringify(audit.body), api.log()]) {
      expect(text).not.toContain(secret);
    }
    expect(JSON.stringify(audit.body)).toContain('certificate.uploaded');
  });

  it('go to the nodes whose services they cover, and to no other', async () => {
    await addService({ mode: 'certificate' });
    expect(await readHashes(0)).toEqual([null]);
    await upload([DOMAIN]);
    const [hash] = await readHashes(0);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const { status, body } = await fetchAs(0, hash);
    expect(status).toBe(200);
    const { pem } = body as { pem: string };
    expect(createHash('sha256').update(pem).digest('hex')).toBe(hash);
    expect(pem).toMatch(/BEGIN CERTIFICATE[^]*BEGIN PRIVATE KEY/);
    expect((await fetchAs(1, hash)).status).toBe(404);
    expect((await fetchAs(0, 'a'.repeat(64))).status).toBe(404);
    expect((await api.call('POST', '/api/agent/certificates', { token, json: { hash } })).status).toBe(401);
  });

  it('tell a node nothing when its services are served as before', async () => {
    await addService({ mode: 'certificate' });
    await addService({ mode: 'off' }, { name: 'blog', domains: ['blog.example.com'], agentIds: [agentIds[1]] });
    const count = await countTasks();
    await upload(['blog.example.com']);
    expect(await countTasks()).toBe(count);
    await upload([DOMAIN]);
    expect(await countTasks(), 'the control').toBe(count + 1);
  });

  it('give way to one that lasts longer, and come back when it goes', async () => {
    await addService({ mode: 'certificate' });
    const short = await upload([DOMAIN], 30);
    const [first] = await readHashes(0);
    const long = await upload([DOMAIN], 90);
    const [second] = await readHashes(0);
    expect(second).not.toBe(first);
    expect((await list()).map(({ id, services }) => [id, services.length])).toEqual([
      [short.id, 0],
      [long.id, 1],
    ]);
    expect((await api.call('DELETE', `/api/certificates/${long.id}`, { token })).status).toBe(204);
    expect(await readHashes(0)).toEqual([first]);
  });

  it('that a service names are taken, replaced in place, and not removed', async () => {
    const named = await upload([DOMAIN], 30);
    await upload([DOMAIN], 90);
    await addService({ mode: 'certificate', certificateId: named.id });
    const [before] = await readHashes(0);
    expect((await api.call('DELETE', `/api/certificates/${named.id}`, { token })).status).toBe(409);
    const path = `/api/certificates/${named.id}`;
    const tooLittle = await api.call('PUT', path, { token, json: await make(['other.example.com']) });
    expect([tooLittle.status, JSON.stringify(tooLittle.body)]).toEqual([400, expect.stringContaining(DOMAIN)]);
    expect(await readHashes(0)).toEqual([before]);
    const replaced = await api.call('PUT', path, { token, json: await make([DOMAIN], 60) });
    expect(replaced).toMatchObject({ status: 200, body: { id: named.id, services: [{ name: 'shop' }] } });
    expect(await readHashes(0)).not.toEqual([before]);
  });

  it.each<[string, () => Promise<object>, string]>([
    ['no certificate', async () => ({ ...(await make([DOMAIN])), certificate: 'x' }), 'certificate'],
    ['another key', async () => ({ ...(await make([DOMAIN])), key: (await make([DOMAIN])).key }), 'key'],
    ['one that has expired', () => make([DOMAIN], 1 / 2000), 'certificate'],
    ['too much text', async () => ({ ...(await make([DOMAIN])), key: 'x'.repeat(100_001) }), 'key'],
  ])('are refused with %s, by the field', async (_, build, field) => {
    const { status, body } = await post('/api/certificates', await build());
    expect([status, body]).toMatchObject([400, { errors: [{ field }] }]);
    expect(await list()).toEqual([]);
  });

  it('are there once', async () => {
    const pair = await make([DOMAIN]);
    expect((await post('/api/certificates', pair)).status).toBe(201);
    expect((await post('/api/certificates', pair)).status).toBe(409);
  });

  it('are made for tests', async () => {
    const { status, body } = await post('/api/certificates/self-signed', {
      domains: ['a.test', '*.b.test'],
      validDays: 10,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ source: 'self_signed', isSelfSigned: true, names: ['a.test', '*.b.test'] });
    expect((await post('/api/certificates/self-signed', { domains: ['a.test'], validDays: 398 })).status).toBe(400);
  });

  it.each([
    ['that is not there', '0190b6f0-7c3e-7000-8000-000000000001', 'names no certificate'],
    ['for other domains', null, `does not cover ${DOMAIN}`],
  ])('%s are refused by the service that names them', async (_, id, message) => {
    const other = await upload(['other.example.com']);
    const tls = { mode: 'certificate', certificateId: id ?? other.id };
    const target = { host: '127.0.0.1', port: 3000 };
    const draft = { name: 'shop', agentIds: [agentIds[0]], domains: [DOMAIN], target, tls };
    expect(await post('/api/services', draft)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'tls.certificateId', message: expect.stringContaining(message) as string }] },
    });
  });

  it('are changed by operators alone', async () => {
    const pair = await make([DOMAIN]);
    expect((await api.call('POST', '/api/certificates', { token: viewer, json: pair })).status).toBe(403);
    expect((await api.call('GET', '/api/certificates')).status).toBe(401);
  });

  it('that are uploaded while services are saved reach all of them', async () => {
    const domains = Array.from({ length: 6 }, (_, index) => `s${index}.example.com`);
    await Promise.all([
      ...domains.map((domain, index) =>
        addService({ mode: 'certificate' }, { name: domain, domains: [domain], agentIds: [agentIds[index % 2]] }),
      ),
      upload(['*.example.com']),
    ]);
    const hashes = [...(await readHashes(0)), ...(await readHashes(1))];
    expect(hashes).toHaveLength(6);
    expect(new Set(hashes).size).toBe(1);
    expect(hashes[0]).not.toBeNull();
  });
});
