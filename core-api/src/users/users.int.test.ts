import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, TEST_PASSWORD, type TestApi, type TestSession } from '../testing/start-test-api.ts';

let api: TestApi;
let admin: TestSession;
beforeAll(async () => {
  api = await startTestApi();
  await api.addUser('admin@example.com', 'admin');
  admin = await api.signIn('admin@example.com');
});
afterAll(() => api.close());

const call = (method: string, path: string, json?: unknown, token = admin.token) =>
  api.call(method, path, { token, json });
const create = async (email: string, role = 'viewer') => {
  const answer = await call('POST', '/api/users', { email, role, password: TEST_PASSWORD });
  return { status: answer.status, user: answer.body as { id: string; email: string } };
};

describe('users', () => {
  it('are added with a password that they have to change', async () => {
    const { status, user } = await create('New@Example.com', 'operator');
    expect(status).toBe(201);
    expect(user).toEqual({
      id: expect.any(String),
      email: 'new@example.com',
      role: 'operator',
      createdAt: expect.any(String),
      lastLoginAt: null,
    });
    const login = await api.call('POST', '/api/auth/login', { json: { email: user.email, password: TEST_PASSWORD } });
    expect(login).toMatchObject({ status: 200, body: { user: { mustChangePassword: true } } });
  });

  it('have one account an address', async () => {
    await create('twice@example.com');
    expect((await create('Twice@example.com')).status).toBe(409);
  });

  it('are listed with paging, sorting and search', async () => {
    await Promise.all(['list-a', 'list-b', 'list-c'].map((name) => create(`${name}@example.com`)));
    const page = await call('GET', '/api/users?search=list-&sort=email&order=desc&pageSize=2');
    expect(page.body).toMatchObject({
      items: [{ email: 'list-c@example.com' }, { email: 'list-b@example.com' }],
      total: 3,
      page: 1,
      pageSize: 2,
    });
    const second = await call('GET', '/api/users?search=list-&sort=email&order=desc&pageSize=2&page=2');
    expect(second.body).toMatchObject({ items: [{ email: 'list-a@example.com' }], total: 3 });
    expect((await call('GET', '/api/users?search=%25')).body).toMatchObject({ total: 0 });
    expect((await call('GET', '/api/users?search=%00')).status).toBe(400);
    expect(JSON.stringify(page.body)).not.toContain('argon2');
  });

  it('lose and gain rights with their next request, and have to sign in again', async () => {
    await api.addUser('demoted@example.com', 'admin');
    const demoted = await api.signIn('demoted@example.com');
    expect((await call('GET', '/api/users', undefined, demoted.token)).status).toBe(200);
    const answer = await call('PATCH', `/api/users/${demoted.userId}`, { role: 'viewer' });
    expect(answer).toMatchObject({ status: 200, body: { role: 'viewer' } });
    expect((await call('GET', '/api/users', undefined, demoted.token)).status).toBe(401);
    const again = await api.signIn('demoted@example.com');
    expect((await call('GET', '/api/users', undefined, again.token)).status).toBe(403);
  });

  it('are signed out by a new password', async () => {
    const { user } = await create('reset@example.com');
    const session = await api.signIn('reset@example.com');
    expect((await call('PATCH', `/api/users/${user.id}`, { password: 'set by the admin' })).status).toBe(200);
    expect((await api.call('POST', '/api/auth/refresh', { cookie: session.cookie })).status).toBe(401);
    await api.signIn('reset@example.com', 'set by the admin');
  });

  it('are gone at once when removed', async () => {
    const { user } = await create('gone@example.com');
    const session = await api.signIn('gone@example.com');
    expect((await call('DELETE', `/api/users/${user.id}`)).status).toBe(204);
    expect((await api.call('GET', '/api/auth/me', { token: session.token })).status).toBe(401);
    expect((await call('DELETE', `/api/users/${user.id}`)).status).toBe(404);
  });

  it('leave a trail without secrets', async () => {
    const { user } = await create('trail@example.com');
    await call('PATCH', `/api/users/${user.id}`, { role: 'operator', password: 'set by the admin' });
    await call('DELETE', `/api/users/${user.id}`);
    const { body } = await call('GET', `/api/audit?subjectId=${user.id}`);
    const { items } = body as { items: object[] };
    expect(items).toMatchObject([
      { action: 'user.deleted', before: { email: 'trail@example.com', role: 'operator' }, after: null },
      { action: 'user.updated', before: { role: 'viewer' }, after: { role: 'operator', passwordSet: true } },
      {
        action: 'user.created',
        actor: { kind: 'user', id: admin.userId, name: admin.email },
        subject: { kind: 'user', id: user.id, name: 'trail@example.com' },
        clientAddress: '127.0.0.1',
        before: null,
      },
    ]);
    expect(JSON.stringify(items)).not.toMatch(/argon2|set by the admin/);
  });
});

describe('the last administrator', () => {
  it('can neither be removed nor demoted, not even by two who remove each other at once', async () => {
    const small = await startTestApi();
    const [a, b] = [await small.addUser('a@example.com', 'admin'), await small.addUser('b@example.com', 'admin')];
    const sessions = [await small.signIn('a@example.com'), await small.signIn('b@example.com')];
    const answers = await Promise.all([
      small.call('DELETE', `/api/users/${b}`, { token: sessions[0]?.token }),
      small.call('DELETE', `/api/users/${a}`, { token: sessions[1]?.token }),
    ]);
    const refused = answers.filter(({ status }) => status !== 204);
    expect(refused).toHaveLength(1);
    // Too late to be signed in, or too late to find another administrator.
    expect([401, 409]).toContain(refused[0]?.status);

    const remaining = answers[0]?.status === 204 ? 0 : 1;
    const token = sessions[remaining]?.token;
    const path = `/api/users/${[a, b][remaining]}`;
    expect((await small.call('DELETE', path, { token })).status).toBe(409);
    expect((await small.call('PATCH', path, { token, json: { role: 'operator' } })).status).toBe(409);
    expect((await small.call('PATCH', path, { token, json: { role: 'admin' } })).status).toBe(200);
    await small.close();
  });
});
