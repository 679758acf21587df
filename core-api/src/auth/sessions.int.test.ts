import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refreshCookieOf, type ApiAnswer } from '../testing/api-caller.ts';
import { startTestApi, TEST_PASSWORD, type TestApi } from '../testing/start-test-api.ts';
import { REUSE_GRACE_MS } from './decide-refresh.ts';

let api: TestApi;
let email: string;
let count = 0;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  email = `user${(count += 1)}@example.com`;
  await api.addUser(email, 'operator');
});

const refresh = (cookie?: string, headers: Record<string, string> = {}) =>
  api.call('POST', '/api/auth/refresh', { cookie, headers });
const tokenOf = (answer: ApiAnswer) => (answer.body as { accessToken: string }).accessToken;
const me = async (token: string) => (await api.call('GET', '/api/auth/me', { token })).status;

async function auditActions(): Promise<string[]> {
  const rows: { action: string }[] = await api.database.query(
    'select action from audit where subject_name = $1 order by at',
    [email],
  );
  return rows.map(({ action }) => action);
}

describe('signing in', () => {
  it('answers with an access token and a cookie that scripts and other sites do not get', async () => {
    const answer = await api.call('POST', '/api/auth/login', {
      json: { email: email.toUpperCase(), password: TEST_PASSWORD },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { user: { email, role: 'operator', mustChangePassword: false } },
    });
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^flotilla_refresh=flr_[\w-]{43}; Path=\/api\/auth; Expires=.*; HttpOnly; SameSite=Strict$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await me(tokenOf(answer))).toBe(200);
    expect(await auditActions()).toEqual(['auth.login']);
  });

  it('sets the cookie for https only when the public address is https', async () => {
    const https = await startTestApi({ publicUrl: 'https://fleet.example' });
    await https.addUser(email, 'viewer');
    const answer = await https.call('POST', '/api/auth/login', { json: { email, password: TEST_PASSWORD } });
    expect(answer.headers.getSetCookie()[0]).toContain('; Secure;');
    await https.close();
  });

  it('does not tell a wrong password from an unknown user', async () => {
    const wrong = await api.call('POST', '/api/auth/login', { json: { email, password: 'wrong' } });
    const unknown = await api.call('POST', '/api/auth/login', { json: { email: `x${email}`, password: 'wrong' } });
    expect(wrong.status).toBe(401);
    expect({ ...(unknown.body as object), instance: '' }).toEqual({ ...(wrong.body as object), instance: '' });
    expect(await auditActions()).toEqual(['auth.login_failed']);
  });

  it('names the wrong fields', async () => {
    const answer = await api.call('POST', '/api/auth/login', { json: { email: 'nobody', password: 7, admin: true } });
    const { errors } = answer.body as { errors: { field: string }[] };
    expect(answer.status).toBe(400);
    expect(errors.map(({ field }) => field).toSorted()).toEqual(['admin', 'email', 'password']);
  });

  it('leaves neither password nor tokens in the log', async () => {
    const { token, cookie } = await api.signIn(email);
    await refresh(cookie);
    const secrets = [TEST_PASSWORD, token, cookie.split('=')[1] ?? ''];
    expect(secrets.filter((secret) => api.log().includes(secret))).toEqual([]);
    expect(api.log()).toContain('/api/auth/login');
  });
});

describe('the refresh cookie', () => {
  it('is exchanged for a new one and a new access token', async () => {
    const { cookie } = await api.signIn(email);
    const answer = await refresh(cookie);
    expect(answer.status).toBe(200);
    expect(refreshCookieOf(answer)).not.toBe(cookie);
    expect((await refresh(refreshCookieOf(answer))).status).toBe(200);
  });

  it.each([undefined, 'flotilla_refresh=', 'flotilla_refresh=flr_unknown', 'other=1'])('%s is none', async (cookie) => {
    expect((await refresh(cookie)).status).toBe(401);
  });

  it('ends the whole family when it is used again later, also for whoever has its successor', async () => {
    const { cookie, token } = await api.signIn(email);
    const successor = refreshCookieOf(await refresh(cookie));
    api.advance(REUSE_GRACE_MS + 1);
    const reuse = await refresh(cookie);
    expect(reuse.status).toBe(401);
    expect(reuse.headers.getSetCookie()[0]).toMatch(/^flotilla_refresh=; .*Expires=Thu, 01 Jan 1970/);
    expect((await refresh(successor)).status).toBe(401);
    expect(await me(token)).toBe(401);
    expect(await auditActions()).toEqual(['auth.login', 'auth.session_reuse']);
  });

  it('leaves the user’s other sessions alone when one family ends', async () => {
    const [first, second] = [await api.signIn(email), await api.signIn(email)];
    await refresh(first.cookie);
    api.advance(REUSE_GRACE_MS + 1);
    expect((await refresh(first.cookie)).status).toBe(401);
    expect(await me(second.token)).toBe(200);
  });

  it('may be sent by several tabs at once', async () => {
    const { cookie } = await api.signIn(email);
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(cookie)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    const cookies = new Set(answers.map(refreshCookieOf));
    expect(cookies.size).toBe(8);
    for (const successor of cookies) expect((await refresh(successor)).status).toBe(200);
  });

  it('ends one family once when several reuse it at once', async () => {
    const { cookie } = await api.signIn(email);
    const successor = refreshCookieOf(await refresh(cookie));
    api.advance(REUSE_GRACE_MS + 1);
    const answers = await Promise.all([cookie, successor, cookie, cookie].map((sent) => refresh(sent)));
    expect(answers.map(({ status }) => status)).not.toContain(500);
    expect((await auditActions()).filter((action) => action === 'auth.session_reuse')).toHaveLength(1);
  });

  it('expires after two weeks without use', async () => {
    const { cookie } = await api.signIn(email);
    api.advance(14 * 86_400_000);
    expect(await refresh(cookie)).toMatchObject({ status: 401, body: { detail: expect.stringContaining('expired') } });
  });

  it.each<[string, Record<string, string>, number]>([
    ['another site', { origin: 'https://evil.example' }, 403],
    ['another port of this host', { 'sec-fetch-site': 'same-site', origin: 'http://core.example' }, 403],
    ['our page', { 'sec-fetch-site': 'same-origin', origin: 'http://core.example:8080' }, 200],
    ['our page, without Fetch metadata', { origin: 'http://core.example:8080' }, 200],
    ['our page behind the trusted proxy', { origin: 'http://10.1.1.1:8080', 'x-forwarded-host': '10.1.1.1:8080' }, 200],
  ])('from %s', async (_, headers, status) => {
    const { cookie } = await api.signIn(email);
    expect((await refresh(cookie, headers)).status).toBe(status);
    expect((await api.call('POST', '/api/auth/logout', { cookie, headers })).status).toBe(status === 200 ? 204 : 403);
  });
});

describe('signing out', () => {
  it('ends the session at once and clears the cookie', async () => {
    const { cookie, token } = await api.signIn(email);
    const other = await api.signIn(email);
    const answer = await api.call('POST', '/api/auth/logout', { cookie });
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^flotilla_refresh=; /);
    expect((await refresh(cookie)).status).toBe(401);
    expect(await me(token)).toBe(401);
    expect(await me(other.token)).toBe(200);
    expect(await auditActions()).toContain('auth.logout');
  });

  it('works without a session', async () => {
    expect((await api.call('POST', '/api/auth/logout')).status).toBe(204);
  });
});

describe('changing the own password', () => {
  const change = (token: string, currentPassword: string, newPassword: string) =>
    api.call('POST', '/api/auth/password', { token, json: { currentPassword, newPassword } });

  it('signs out the other sessions and keeps this one', async () => {
    const [mine, other] = [await api.signIn(email), await api.signIn(email)];
    expect((await change(mine.token, TEST_PASSWORD, 'another password')).status).toBe(204);
    expect([await me(mine.token), await me(other.token)]).toEqual([200, 401]);
    expect((await refresh(mine.cookie)).status).toBe(200);
    expect((await refresh(other.cookie)).status).toBe(401);
    await expect(api.signIn(email)).rejects.toThrow('401');
    await api.signIn(email, 'another password');
    expect(await auditActions()).toContain('auth.password_changed');
  });

  it.each([
    ['wrong', 'another password', 'currentPassword'],
    [TEST_PASSWORD, TEST_PASSWORD, 'newPassword'],
    [TEST_PASSWORD, 'short', 'newPassword'],
  ])('refuses %s → %s', async (current, next, field) => {
    const { token } = await api.signIn(email);
    expect(await change(token, current, next)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });
});
