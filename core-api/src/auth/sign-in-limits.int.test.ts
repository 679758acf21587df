import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, TEST_PASSWORD, type TestApi } from '../testing/start-test-api.ts';

const FAILURES_PER_ACCOUNT = 10;
const FAILURES_PER_ADDRESS = 30;
const email = 'user@example.com';

// Each test has an API of its own, because the counts are the process's.
let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
  await api.addUser(email, 'viewer');
});
afterEach(() => api.close());

const signIn = async (account: string, password: string, address = '203.0.113.1') =>
  api.call('POST', '/api/auth/login', { json: { email: account, password }, headers: { 'x-forwarded-for': address } });

async function fail(times: number, account: (attempt: number) => string, address: (attempt: number) => string) {
  const statuses: number[] = [];
  for (let attempt = 0; attempt < times; attempt += 1) {
    statuses.push((await signIn(account(attempt), 'wrong', address(attempt))).status);
  }
  return statuses;
}

describe('sign-in limits', () => {
  it('stop guessing one account from many addresses, also with the right password', async () => {
    const statuses = await fail(
      FAILURES_PER_ACCOUNT,
      () => email,
      (attempt) => `203.0.113.${attempt}`,
    );
    expect(new Set(statuses)).toEqual(new Set([401]));
    const answer = await signIn(email, TEST_PASSWORD, '198.51.100.1');
    expect(answer).toMatchObject({ status: 429, body: { type: 'https://flotilla.dev/problems/too-many-requests' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(60);
  });

  it('stop one address that tries many accounts, and no other address', async () => {
    const statuses = await fail(
      FAILURES_PER_ADDRESS,
      (attempt) => `u${attempt}@example.com`,
      () => '203.0.113.7',
    );
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect((await signIn(email, TEST_PASSWORD, '203.0.113.7')).status).toBe(429);
    expect((await signIn(email, TEST_PASSWORD, '203.0.113.8')).status).toBe(200);
  });

  it('count the addresses of one IPv6 network together', async () => {
    await fail(
      FAILURES_PER_ADDRESS,
      (attempt) => `u${attempt}@example.com`,
      (attempt) => `2001:db8:0:1::${attempt}`,
    );
    expect((await signIn(email, TEST_PASSWORD, '2001:db8:0:2::1')).status).toBe(429);
  });

  it('do not count those who sign in', async () => {
    for (let attempt = 0; attempt < FAILURES_PER_ADDRESS + 1; attempt += 1) {
      expect((await signIn(email, TEST_PASSWORD)).status).toBe(200);
    }
  });

  it('count guesses of the current password when it is changed', async () => {
    const { token } = await api.signIn(email);
    const guess = () =>
      api.call('POST', '/api/auth/password', {
        token,
        json: { currentPassword: 'wrong', newPassword: 'a new password' },
      });
    for (let attempt = 0; attempt < FAILURES_PER_ACCOUNT; attempt += 1) expect((await guess()).status).toBe(400);
    expect((await guess()).status).toBe(429);
  });
});
