import { loadSettings, SettingsError } from '@flotilla/runtime';
import { describe, expect, it } from 'vitest';
import { settingsSchema } from './settings.ts';

const needed = {
  FLOTILLA_DATABASE_URL: 'postgres://u:p@h/d',
  FLOTILLA_SECRETS_DIR: '/s',
  FLOTILLA_PUBLIC_URL: 'http://core:8080/',
};
const load = (env: Record<string, string>) => loadSettings(settingsSchema, env, { logger: { warn: () => undefined } });

function problemsOf(env: Record<string, string>) {
  try {
    load(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(({ name }) => name).toSorted();
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('need three and have defaults for the rest', () => {
    expect(load(needed)).toMatchObject({
      publicUrl: 'http://core:8080',
      apiHost: '127.0.0.1',
      heartbeatIntervalMs: 2000,
      busUrls: [],
      trustedProxies: ['loopback'],
    });
  });

  it('read lists', () => {
    const env = {
      ...needed,
      FLOTILLA_BUS_URLS: 'nats://h:4222, ws://h:8080/bus',
      FLOTILLA_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8',
    };
    expect(load(env)).toMatchObject({
      busUrls: ['nats://h:4222', 'ws://h:8080/bus'],
      trustedProxies: ['loopback', '10.0.0.0/8'],
    });
  });

  it('are all named at once when wrong', () => {
    const env = {
      FLOTILLA_DATABASE_URL: 'mysql://h/d',
      FLOTILLA_API_PORT: '99999',
      FLOTILLA_NATS_URL: 'http://h',
      FLOTILLA_PUBLIC_URL: 'core:8080',
      FLOTILLA_BUS_URLS: 'nats://h,http://h',
      FLOTILLA_ADMIN_EMAIL: 'nobody',
      FLOTILLA_ADMIN_PASSWORD: 'short',
      FLOTILLA_HEARTBEAT_INTERVAL_MS: '999',
      FLOTILLA_TRUSTED_PROXIES: 'everybody',
      FLOTILLA_LOG_LEVEL: 'loud',
      FLOTILLA_ADMIN_PASSWORD_ONE_TIME: 'maybe',
    };
    expect(problemsOf(env)).toEqual([...Object.keys(env), 'FLOTILLA_SECRETS_DIR'].toSorted());
  });

  it('want e-mail and password of the first administrator together', () => {
    expect(problemsOf({ ...needed, FLOTILLA_ADMIN_EMAIL: 'a@example.com' })).toEqual(['settings']);
    expect(
      problemsOf({ ...needed, FLOTILLA_ADMIN_EMAIL: 'a@example.com', FLOTILLA_ADMIN_PASSWORD: 'long enough, surely' }),
    ).toEqual([]);
  });
});
