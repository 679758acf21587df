import { target } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import type { PolledContainer } from './choose-container-port.ts';
import { MAX_ENDPOINTS, planEndpoints, type PolledSite } from './plan-endpoints.ts';
import { buildPolledContainer, buildPort } from './testing/build-polled-container.ts';

const serviceId = '0190a0b0-1111-7222-8333-444455556666';

function buildSite(main: object, change: { metricsPath?: string | null; more?: object[] } = {}): PolledSite {
  return {
    serviceId,
    name: 'shop',
    target: target.parse(main),
    additionalTargets: (change.more ?? []).map((one) => target.parse(one)),
    metricsPath: change.metricsPath === undefined ? '/metrics' : change.metricsPath,
  };
}

/** `name@address:port/path` of each endpoint. */
function urlsOf(sites: readonly PolledSite[], containers: readonly PolledContainer[]): string[] {
  return planEndpoints(sites, containers).endpoints.map(
    ({ containerName, address, port, path }) => `${containerName}@${address}:${port}${path}`,
  );
}

const web = buildPolledContainer('web', {
  ports: [
    buildPort(80, { hostPort: 8080, hostAddress: '0.0.0.0' }),
    buildPort(80, { hostPort: 8080, hostAddress: '::' }),
  ],
});
const inside = buildPolledContainer('inside', {
  networks: [{ name: 'bridge', address: '172.17.0.3' }],
  ports: [
    buildPort(3000, { hostPort: 3300, hostAddress: '127.0.0.1' }),
    buildPort(53, { protocol: 'udp', hostPort: 53 }),
  ],
});

describe('what services ask for', () => {
  it.each([
    ['a container', { container: 'web', port: 80 }, ['web@172.17.0.2:80/metrics']],
    [
      'a container by the beginning of its id',
      { container: web.observed.id.slice(0, 12), port: 80 },
      ['web@172.17.0.2:80/metrics'],
    ],
    ['a container’s address', { host: '172.17.0.3', port: 9000 }, ['inside@172.17.0.3:9000/metrics']],
    ['a port that is published for all', { host: '127.0.0.1', port: 8080 }, ['web@172.17.0.2:80/metrics']],
    ['the same by name', { host: 'localhost', port: 8080 }, ['web@172.17.0.2:80/metrics']],
    ['the same by IPv6', { host: '::1', port: 8080 }, ['web@172.17.0.2:80/metrics']],
    [
      'a port that is published on the loopback address',
      { host: '127.0.0.1', port: 3300 },
      ['inside@172.17.0.3:3000/metrics'],
    ],
  ])('is read of %s, at its own address', (_, main, urls) => {
    expect(urlsOf([buildSite(main)], [web, inside])).toEqual(urls);
    expect(urlsOf([buildSite(main, { metricsPath: null })], [web, inside]), 'nobody asked').toEqual([]);
  });

  it.each([
    [
      'a container that is not here',
      { container: 'other', port: 80 },
      'container "other" is no container of this node',
    ],
    ['another host', { host: '10.0.0.1', port: 8080 }, '10.0.0.1:8080 is no container of this node'],
    ['a host name', { host: 'web', port: 80 }, 'web:80 is no container of this node'],
    ['this host', { host: '127.0.0.1', port: 22 }, '127.0.0.1:22 is no container of this node'],
    ['a port that is not published here', { host: '192.0.2.1', port: 8080 }, '192.0.2.1:8080 is no container'],
    ['a port by UDP', { host: '127.0.0.1', port: 53 }, '127.0.0.1:53 is no container'],
    [
      'the host’s own interfaces',
      { container: 'host', port: 80 },
      'container "host" has no network address of its own',
    ],
    ['no network', { container: 'none', port: 80 }, 'container "none" has no network address of its own'],
    ['a network of nobody', { container: 'orphan', port: 80 }, 'has no network address of its own'],
  ])('is not read of %s, which is said', (_, main, problem) => {
    const others = [
      buildPolledContainer('host', { networkMode: 'host', networks: [{ name: 'host', address: null }] }),
      buildPolledContainer('none', { networkMode: 'none', networks: [{ name: 'none', address: null }] }),
      buildPolledContainer('orphan', { networkMode: 'container:gone', networks: [] }),
    ];
    const { endpoints, problems } = planEndpoints([buildSite(main)], [web, inside, ...others]);
    expect(endpoints).toEqual([]);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems[0]).toContain('service "shop"');
  });

  it('is not read of what does not run, which is no problem', () => {
    const stopped = buildPolledContainer('web', { state: 'exited', networks: [], labels: { path: '/x', port: '80' } });
    expect(planEndpoints([buildSite({ container: 'web', port: 80 })], [stopped])).toEqual({
      endpoints: [],
      problems: [],
    });
  });

  it('is read of all targets, and once of each', () => {
    const site = buildSite(
      { container: 'web', port: 80 },
      {
        more: [
          { container: 'inside', port: 3000 },
          { host: '172.17.0.2', port: 80 },
        ],
      },
    );
    expect(urlsOf([site, site], [web, inside])).toEqual([
      'inside@172.17.0.3:3000/metrics',
      'web@172.17.0.2:80/metrics',
    ]);
  });

  it('is read of each of its replicas, and says nothing while there are none', () => {
    const replicas = ['one', 'two'].map((name, index) =>
      buildPolledContainer(name, {
        replicaOf: serviceId,
        networks: [{ name: 'bridge', address: `172.17.0.${20 + index}` }],
      }),
    );
    const others = [
      web,
      buildPolledContainer('other', { replicaOf: '0190a0b0-9999-7222-8333-444455556666' }),
      buildPolledContainer('failed', { replicaOf: serviceId, state: 'exited' }),
    ];
    const site = buildSite({ replicas: true, port: 8080 });
    expect(urlsOf([site], [...replicas, ...others])).toEqual([
      'one@172.17.0.20:8080/metrics',
      'two@172.17.0.21:8080/metrics',
    ]);
    expect(planEndpoints([site], others)).toEqual({ endpoints: [], problems: [] });
  });

  it('is read in the network that a container was started with', () => {
    const networks = [
      { name: 'a', address: '172.18.0.2' },
      { name: 'b', address: '172.19.0.2' },
      { name: 'c', address: null },
    ];
    const site = buildSite({ container: 'web', port: 80 });
    expect(urlsOf([site], [buildPolledContainer('web', { networks, networkMode: 'b' })])).toEqual([
      'web@172.19.0.2:80/metrics',
    ]);
    expect(urlsOf([site], [buildPolledContainer('web', { networks: networks.toReversed() })])).toEqual([
      'web@172.18.0.2:80/metrics',
    ]);
  });

  it('is read where a container’s network is, when it uses another one’s', () => {
    const sidecar = buildPolledContainer('sidecar', { networkMode: `container:${web.observed.id}`, networks: [] });
    expect(urlsOf([buildSite({ container: 'sidecar', port: 9100 })], [web, sidecar])).toEqual([
      'sidecar@172.17.0.2:9100/metrics',
    ]);
  });
});

describe('what labels ask for', () => {
  it.each([
    ['path and port', { path: '/m?x=1', port: '9100' }, [], ['web@172.17.0.2:9100/m?x=1']],
    [
      'the only port',
      { path: '/m' },
      [buildPort(80), buildPort(80, { hostPort: 1 }), buildPort(53, { protocol: 'udp' })],
      ['web@172.17.0.2:80/m'],
    ],
    ['nothing', {}, [buildPort(80)], []],
  ])('is read: %s', (_, labels, ports, urls) => {
    expect(urlsOf([], [buildPolledContainer('web', { labels, ports })])).toEqual(urls);
  });

  it.each([
    ['two ports', { path: '/m' }, [buildPort(80), buildPort(81)], 'flotilla.metrics.port is needed'],
    ['no port', { path: '/m' }, [], 'flotilla.metrics.port is needed'],
    ['no path', { port: '80' }, [], 'is of no use without .path'],
    ['a URL', { path: 'http://10.0.0.1/', port: '80' }, [], 'flotilla.metrics.path is not a path'],
    ['another host', { path: '//10.0.0.1/', port: '80' }, [], 'flotilla.metrics.path is not a path'],
    ['a line break', { path: '/a\r\nX: y', port: '80' }, [], 'flotilla.metrics.path is not a path'],
    ['port 0', { path: '/m', port: '0' }, [], 'is not a port'],
    ['a large port', { path: '/m', port: '65536' }, [], 'is not a port'],
    ['a port that is none', { path: '/m', port: '80/tcp' }, [], 'is not a port'],
  ])('is not read: %s', (_, labels, ports, problem) => {
    const { endpoints, problems } = planEndpoints([], [buildPolledContainer('web', { labels, ports })]);
    expect(endpoints).toEqual([]);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems[0]).toContain('container "web"');
  });

  it('does not count for a port that a service names', () => {
    const labelled = buildPolledContainer('web', { labels: { path: '/label', port: '80' } });
    expect(urlsOf([buildSite({ container: 'web', port: 80 })], [labelled])).toEqual(['web@172.17.0.2:80/metrics']);
    expect(urlsOf([buildSite({ container: 'web', port: 81 })], [labelled])).toEqual([
      'web@172.17.0.2:80/label',
      'web@172.17.0.2:81/metrics',
    ]);
  });
});

it('reads no more than can be read in time, always the same', () => {
  const many = Array.from({ length: MAX_ENDPOINTS + 10 }, (_, index) =>
    buildPolledContainer(`n${String(index).padStart(4, '0')}`, { labels: { path: '/m', port: '80' } }),
  );
  const { endpoints, problems } = planEndpoints([], many.toReversed());
  expect(endpoints).toHaveLength(MAX_ENDPOINTS);
  expect(endpoints.at(-1)?.containerName).toBe('n0499');
  expect(problems).toEqual(['510 endpoints are asked for; the first 500 are read']);
});
