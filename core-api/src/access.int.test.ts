import { randomUUID } from 'node:crypto';
import { buildPath, changePassword, getCurrentUser, type RouteDefinition } from '@flotilla/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRoutes } from './shared/all-routes.ts';
import type { ApiCall } from './testing/api-caller.ts';
import { startTestApi, TEST_PASSWORD, type TestApi } from './testing/start-test-api.ts';

const CALLERS = ['nobody', 'forger', 'agent', 'viewer', 'operator', 'admin'] as const;
type Caller = (typeof CALLERS)[number];

const MAY_CALL: Readonly<Record<RouteDefinition['access'], readonly Caller[]>> = {
  public: CALLERS,
  session: [],
  agent: ['agent'],
  viewer: ['viewer', 'operator', 'admin'],
  operator: ['operator', 'admin'],
  admin: ['admin'],
};

let api: TestApi;
/** Of an administrator whose password somebody else has set. */
let foreign: string;
const tokens: Partial<Record<Caller, string>> = { forger: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.' };
beforeAll(async () => {
  api = await startTestApi();
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    await api.addUser(`${role}@example.com`, role);
    tokens[role] = (await api.signIn(`${role}@example.com`)).token;
  }
  await api.addUser('new@example.com', 'admin', { mustChangePassword: true });
  foreign = (await api.signIn('new@example.com')).token;
  tokens.agent = await api.addAgent('node');
});
afterAll(() => api.close());

/** Calls a route with ids that lead nowhere and a body that no schema takes, so that nothing changes. */
async function knock(route: RouteDefinition, options: ApiCall) {
  const params = Object.fromEntries(Object.keys(route.params?.shape ?? {}).map((name) => [name, randomUUID()]));
  const json = route.body === undefined ? undefined : [];
  return api.call(route.method, buildPath(route, params), { json, ...options });
}

const named = (routes: readonly RouteDefinition[]) =>
  routes.map((route) => [`${route.method} ${route.path}`, route] as const);

describe.each(named(allRoutes.filter(({ access }) => access !== 'session')))('%s', (_, route) => {
  it.each(CALLERS.filter((caller) => !MAY_CALL[route.access].includes(caller)))('is closed to %s', async (caller) => {
    const isUser = caller === 'viewer' || caller === 'operator';
    // A user who lacks the role is known, so 403; everybody else is not known to this route.
    const expected = isUser && route.access !== 'agent' ? 403 : 401;
    const answer = await knock(route, { token: tokens[caller] });
    expect(answer).toMatchObject({ status: expected, body: { status: expected, detail: expect.any(String) } });
    const challenge = answer.headers.get('www-authenticate') ?? '';
    expect(challenge.startsWith('Bearer ')).toBe(expected === 401);
  });

  it.each(MAY_CALL[route.access])('is open to %s', async (caller) => {
    const { status, body } = await knock(route, { token: tokens[caller] });
    // Past the door: found, not found, wrong input, or in need of the bus, which is away here; and nothing breaks.
    const isOnBus = route.path === '/api/dead-letters';
    expect([200, 204, 400, 404, ...(isOnBus ? [503] : [])]).toContain(status);
    expect(JSON.stringify(body)).not.toContain('There is nothing here');
  });
});

describe.each(named(allRoutes.filter(({ access }) => access === 'session')))('%s', (_, route) => {
  it('is closed to other sites and open to ours', async () => {
    expect((await knock(route, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await knock(route, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await knock(route, { headers: { 'sec-fetch-site': 'same-origin' } })).status).not.toBe(403);
  });
});

describe('an administrator whose password somebody else has set', () => {
  const ofUsers = allRoutes.filter(({ access }) => MAY_CALL[access].includes('admin') && access !== 'public');
  const waysOut: readonly RouteDefinition[] = [getCurrentUser, changePassword];

  it.each(named(ofUsers.filter((route) => !waysOut.includes(route))))('may not call %s', async (_, route) => {
    const answer = await knock(route, { token: foreign });
    expect(answer).toMatchObject({ status: 403, body: { detail: expect.stringContaining('/api/auth/password') } });
  });

  it('may see who they are, and everything with the same token once the password is their own', async () => {
    expect((await api.call('GET', getCurrentUser.path, { token: foreign })).status).toBe(200);
    const json = { currentPassword: TEST_PASSWORD, newPassword: 'a password of my own' };
    expect((await api.call('POST', changePassword.path, { token: foreign, json })).status).toBe(204);
    expect((await api.call('GET', '/api/users', { token: foreign })).status).toBe(200);
  });
});

it('has the same door for HEAD as for GET', async () => {
  expect((await api.call('HEAD', '/api/users')).status).toBe(401);
  expect((await api.call('HEAD', '/api/users', { token: tokens.viewer })).status).toBe(403);
  expect((await api.call('HEAD', '/api/users', { token: tokens.admin })).status).toBe(200);
});
