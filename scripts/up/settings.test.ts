import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.mjs';

describe('readSettings', () => {
  it('needs nothing', () => {
    expect(readSettings({}, '/srv/flotilla')).toMatchObject({
      dataDir: '/srv/flotilla/.flotilla',
      port: 8080,
      proxyHttpPort: null,
      adminEmail: 'admin@flotilla.local',
      adminPassword: null,
      databaseUrl: null,
    });
  });

  it('takes what is given', () => {
    const env = { FLOTILLA_PORT: '9000', FLOTILLA_DATA_DIR: '/var/lib/x', FLOTILLA_PROXY_HTTP_PORT: '9001' };
    expect(readSettings(env, '/srv')).toMatchObject({ dataDir: '/var/lib/x', port: 9000, proxyHttpPort: 9001 });
  });

  it.each([
    [{ FLOTILLA_PORT: '0' }, 'FLOTILLA_PORT'],
    [{ FLOTILLA_PORT: '80a' }, 'FLOTILLA_PORT'],
    [{ FLOTILLA_PROXY_HTTPS_PORT: '70000' }, 'FLOTILLA_PROXY_HTTPS_PORT'],
    [{ FLOTILLA_PORT: '81', FLOTILLA_PROXY_HTTP_PORT: '81' }, 'must differ'],
    [{ FLOTILLA_ADMIN_EMAIL: 'nobody' }, 'FLOTILLA_ADMIN_EMAIL'],
    [{ FLOTILLA_ADMIN_EMAIL: 'admin@localhost' }, 'FLOTILLA_ADMIN_EMAIL'],
    [{ FLOTILLA_ADMIN_PASSWORD: 'short' }, 'FLOTILLA_ADMIN_PASSWORD'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL'],
  ])('refuses %j', (env, named) => expect(() => readSettings(env, '/srv')).toThrow(named));

  it('names all wrong settings at once, and no password', () => {
    const env = { FLOTILLA_PORT: 'x', FLOTILLA_ADMIN_PASSWORD: 'secret' };
    expect(() => readSettings(env, '/srv')).toThrow(/FLOTILLA_PORT[\s\S]*FLOTILLA_ADMIN_PASSWORD/);
    expect(() => readSettings(env, '/srv')).not.toThrow('secret');
  });
});
