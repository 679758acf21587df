import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findFieldProblems } from './problem.ts';
import { serviceInput, serviceSettings } from './services.ts';

const NODE = '0190b6f0-7c3e-7000-8000-000000000001';
const smallest = {
  name: 'shop',
  domains: ['app.example.com'],
  agentIds: [NODE],
  target: { host: '127.0.0.1', port: 3000 },
};

/** Dotted path and message of each problem, as the API reports them. */
function problemsOf(change: Record<string, unknown>): string[] {
  const { error } = serviceInput.safeParse({ ...smallest, ...change });
  return error === undefined ? [] : findFieldProblems(error).map(({ field, message }) => `${field}: ${message}`);
}

describe('serviceInput', () => {
  it('fills in every default of the smallest body', () => {
    expect(serviceInput.parse(smallest)).toMatchObject({
      target: { host: '127.0.0.1', port: 3000, weight: 1, maxFails: 1, failTimeoutMs: 10_000, backup: false },
      tls: { mode: 'off' },
      websocket: true,
      timeouts: { connectMs: 5000, readMs: 60_000, sendMs: 60_000 },
      locations: [],
      redirect: null,
      basicAuth: null,
      metricsPath: null,
    });
  });

  it('takes a container target', () => {
    expect(serviceInput.parse({ ...smallest, target: { container: 'web', port: 80 } }).target).toMatchObject({
      container: 'web',
      port: 80,
    });
  });

  it('takes back what the API shows', () => {
    const saved = serviceInput.parse({
      ...smallest,
      basicAuth: { realm: 'Staff', users: [{ username: 'ann', password: 'correct horse' }] },
    });
    const shown = serviceSettings.parse({ ...saved, basicAuth: { realm: 'Staff', users: [{ username: 'ann' }] } });
    expect(serviceInput.parse(shown)).toEqual({
      ...shown,
      basicAuth: { realm: 'Staff', users: [{ username: 'ann' }] },
    });
  });

  it.each([
    [{ domains: ['a.com; return 200 x;'] }, 'domains.0: '],
    [{ domains: ['ok.example.com', '../../x'] }, 'domains.1: '],
    [{ domains: [] }, 'domains: needs at least one domain'],
    [{ domains: ['a.example', 'A.example.'] }, 'domains: names a.example twice'],
    [{ target: { host: '127.0.0.1', port: 0 } }, 'target.port: must be a whole number'],
    [{ target: { container: '../x', port: 80 } }, 'target.container: is not a container name'],
    [{ target: 'web:80' }, 'target: '],
    [{ target: { host: 'a', container: 'b', port: 1 } }, 'target.container: is not a known field'],
    [{ name: 'a\nb' }, 'name: must not contain line breaks'],
    [{ agentIds: ['x'] }, 'agentIds.0: is not an identifier'],
    [{ agentIds: [] }, 'agentIds: choose at least one node'],
    [{ agentIds: [NODE, NODE] }, 'agentIds: names a node twice; name each node once'],
    [{ agentIds: Array.from({ length: 51 }, () => randomUUID()) }, 'agentIds: a service can live on 50 nodes at most'],
    [{ trustedProxies: ['10.0.0.0/33'] }, 'trustedProxies.0: '],
    [{ nginxSnippet: 'return 200;' }, 'nginxSnippet: is not a known field'],
    [{ locations: [{ path: '/a', target: { host: 'a', port: 70_000 } }] }, 'locations.0.target.port: must be'],
    [{ name: undefined }, 'name: '],
    [{ responseHeaders: [{ name: 'X-A', value: 'a\r\nb' }] }, 'responseHeaders.0.value: '],
    [{ metricsPath: 'http://10.0.0.1/metrics' }, 'metricsPath: is not a path of metrics'],
    [{ locations: [{ path: '/a;b', target: smallest.target }] }, 'locations.0.path: '],
  ])('names the field in %j', (change, expected) => {
    expect(problemsOf(change)).toEqual(expect.arrayContaining([expect.stringContaining(expected)]));
  });

  it('names all wrong fields at once', () => {
    expect(problemsOf({ domains: ['*.*.com'], name: '', agentIds: ['x'] })).toHaveLength(3);
  });
});
