import { loadSettings, SettingsError } from '@flotilla/runtime';
import { describe, expect, it } from 'vitest';
import { settingsSchema } from './settings.ts';

const load = (env: Record<string, string>) => {
  const warnings: string[] = [];
  const logger = { warn: (_: object, message: string) => warnings.push(message) };
  return { settings: loadSettings(settingsSchema, env, { logger }), warnings };
};

describe('the agent’s settings', () => {
  it('need nothing when the agent has joined', () => {
    expect(load({}).settings).toEqual({
      agentDir: '/var/lib/flotilla-agent',
      proxyHttpPort: 80,
      proxyHttpsPort: 443,
      nginxMode: 'process',
      nginxBinary: 'nginx',
      dockerSocket: '/var/run/docker.sock',
      sampleIntervalMs: 5000,
      spoolMaxBytes: 268_435_456,
      stopProxyOnExit: false,
      logLevel: 'info',
    });
  });

  it('take what the dashboard’s command says', () => {
    const { settings, warnings } = load({
      FLOTILLA_CORE_URL: 'https://core.example.com/',
      FLOTILLA_JOIN_TOKEN: 'flj_x',
      FLOTILLA_AGENT_NAME: 'edge 1',
      FLOTILLA_BUS_URL: 'nats://a:4222, wss://b/bus',
    });
    expect(settings).toMatchObject({
      coreUrl: 'https://core.example.com',
      agentName: 'edge 1',
      busUrl: ['nats://a:4222', 'wss://b/bus'],
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    ['FLOTILLA_CORE_URL', 'core.example.com'],
    ['FLOTILLA_AGENT_DIR', 'relative/path'],
    ['FLOTILLA_AGENT_NAME', 'x'.repeat(81)],
    ['FLOTILLA_PROXY_ADDRESS', 'localhost'],
    ['FLOTILLA_PROXY_HTTP_PORT', '0'],
    ['FLOTILLA_NGINX_MODE', 'docker'],
    ['FLOTILLA_BUS_URL', 'http://core.example.com'],
    ['FLOTILLA_SAMPLE_INTERVAL_MS', '999'],
    ['FLOTILLA_SAMPLE_INTERVAL_MS', '60001'],
    ['FLOTILLA_SPOOL_MAX_BYTES', '256MiB'],
    ['FLOTILLA_SPOOL_MAX_BYTES', '8388607'],
    ['FLOTILLA_STOP_PROXY_ON_EXIT', 'yes'],
  ])('refuse %s=%s', (name, value) => {
    expect(() => load({ [name]: value })).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ name })] }),
    );
  });

  it.each([
    [{ FLOTILLA_NGINX_MODE: 'container' }, 'FLOTILLA_NGINX_CONTAINER'],
    [{ FLOTILLA_PROXY_HTTP_PORT: '443' }, 'must differ'],
  ])('refuse %o', (env, words) => {
    expect(() => load(env)).toThrow(SettingsError);
    expect(() => load(env)).toThrow(words);
  });
});
