import type { ContainerInfo } from 'dockerode';
import { observedContainer } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { normaliseContainer } from './read-containers.ts';

/** As dockerd 20.10 lists it, shortened to what is read. */
function buildInfo(overrides: object = {}): ContainerInfo {
  return {
    Id: 'ab'.repeat(32),
    Names: ['/web'],
    Image: 'nginx:1.27',
    State: 'running',
    Status: 'Up 2 minutes (healthy)',
    Created: 1_767_225_600,
    Ports: [
      { PrivatePort: 443, Type: 'tcp' },
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    ],
    Labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
    HostConfig: { NetworkMode: 'shop_default' },
    NetworkSettings: { Networks: { shop_default: { IPAddress: '172.20.0.3', GlobalIPv6Address: '' } } },
    ...overrides,
  } as unknown as ContainerInfo;
}

describe('normaliseContainer', () => {
  it('says what Docker lists in the contracts’ words', () => {
    expect(normaliseContainer(buildInfo())).toEqual({
      networkMode: 'shop_default',
      metricsLabels: { path: null, port: null },
      replicaOf: null,
      observed: {
        id: 'ab'.repeat(32),
        name: 'web',
        image: 'nginx:1.27',
        state: 'running',
        status: 'Up 2 minutes (healthy)',
        health: 'healthy',
        ports: [
          { containerPort: 80, protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080 },
          { containerPort: 80, protocol: 'tcp', hostAddress: '::', hostPort: 8080 },
          { containerPort: 443, protocol: 'tcp', hostAddress: null, hostPort: null },
        ],
        networks: [{ name: 'shop_default', address: '172.20.0.3' }],
        composeProject: 'shop',
        composeService: 'web',
        createdAt: '2026-01-01T00:00:00.000Z',
      },
    });
  });

  it('takes the labels of metrics as they are, to a bound', () => {
    const Labels = { 'flotilla.metrics.path': `/${'a'.repeat(10_000)}`, 'flotilla.metrics.port': '9100' };
    const { path, port } = normaliseContainer(buildInfo({ Labels })).metricsLabels;
    expect(path).toHaveLength(512);
    expect(port).toBe('9100');
  });

  it('knows a replica by its label', () => {
    const Labels = { 'flotilla.replica.service': '0190a0b0-1111-7222-8333-444455556666' };
    expect(normaliseContainer(buildInfo({ Labels })).replicaOf).toBe('0190a0b0-1111-7222-8333-444455556666');
  });

  it.each([
    ['Up 2 minutes', null],
    ['Up 2 minutes (healthy)', 'healthy'],
    ['Up 2 minutes (unhealthy)', 'unhealthy'],
    ['Up 2 seconds (health: starting)', 'starting'],
    ['Up 2 minutes (Paused)', null],
    ['Exited (137) 3 days ago', null],
  ])('reads the health out of %j', (Status, health) =>
    expect(normaliseContainer(buildInfo({ Status })).observed.health).toBe(health),
  );

  it('takes an IPv6 address when there is no other, and none for a stopped container', () => {
    const Networks = { six: { IPAddress: '', GlobalIPv6Address: 'fd00::2' }, off: { IPAddress: '' } };
    expect(normaliseContainer(buildInfo({ NetworkSettings: { Networks } })).observed.networks).toEqual([
      { name: 'six', address: 'fd00::2' },
      { name: 'off', address: null },
    ]);
  });

  it.each([
    ['no name', { Names: [] }],
    ['an unknown state', { State: 'confused' }],
    [
      'an odd port',
      {
        Ports: [
          { PrivatePort: 0, Type: 'tcp' },
          { PrivatePort: 80, Type: 'quic' },
        ],
      },
    ],
    ['long words', { Image: 'x'.repeat(5000), Status: 'x'.repeat(5000), Names: [`/${'x'.repeat(5000)}`] }],
    ['many ports', { Ports: Array.from({ length: 500 }, (_, n) => ({ PrivatePort: n + 1, Type: 'tcp' })) }],
    ['no networks', { NetworkSettings: undefined, HostConfig: undefined }],
  ])('stays within the contracts with %s', (_, overrides) => {
    expect(observedContainer.safeParse(normaliseContainer(buildInfo(overrides)).observed).error).toBeUndefined();
  });
});
