import { describe, expect, it } from 'vitest';
import { buildContainer } from '../testing/build-report.ts';
import { chooseEndpoints } from './choose-endpoints.ts';
import type { NginxPlace, HostContainer } from './host-container.ts';

const host: NginxPlace = { kind: 'host' };
const edge: NginxPlace = { kind: 'container', name: 'edge' };

type Networks = Record<string, string | null>;

function buildHostContainer(
  name: string,
  networks: Networks,
  overrides: { mode?: string; state?: 'exited' | 'paused' } = {},
) {
  const { mode = Object.keys(networks)[0] ?? 'none', state = 'running' } = overrides;
  const listed = Object.entries(networks).map(([network, address]) => ({ name: network, address }));
  return {
    observed: buildContainer({ name, state, networks: listed }),
    networkMode: mode,
    metricsLabels: { path: null, port: null },
    replicaOf: null,
  } satisfies HostContainer;
}

const onHost = (name: string) => buildHostContainer(name, { host: null }, { mode: 'host' });

describe('chooseEndpoints', () => {
  it.each<[string, HostContainer[], NginxPlace, string]>([
    ['a container of the bridge', [buildHostContainer('web', { bridge: '172.17.0.2' })], host, '172.17.0.2'],
    ['one that uses the host’s network', [onHost('web')], host, '127.0.0.1'],
    [
      'the network that it was started with before others',
      [buildHostContainer('web', { aaa: '10.0.0.2', main: '10.1.0.2' }, { mode: 'main' })],
      host,
      '10.1.0.2',
    ],
    [
      'always the same of several networks',
      [buildHostContainer('web', { zzz: '10.2.0.2', aaa: '10.0.0.2' }, { mode: 'gone' })],
      host,
      '10.0.0.2',
    ],
    ['IPv6 when there is nothing else', [buildHostContainer('web', { six: 'fd00::2' })], host, 'fd00::2'],
    [
      'the network of another container',
      [
        buildHostContainer('pod', { bridge: '172.17.0.9' }),
        buildHostContainer('web', {}, { mode: `container:${'pod'.padEnd(64, '0')}` }),
      ],
      host,
      '172.17.0.9',
    ],
    [
      'a network that nginx’s container shares',
      [
        buildHostContainer('edge', { front: '10.9.0.3' }),
        buildHostContainer('web', { back: '10.8.0.2', front: '10.9.0.2' }),
      ],
      edge,
      '10.9.0.2',
    ],
    [
      'anything when nginx’s container uses the host’s network',
      [onHost('edge'), buildHostContainer('web', { back: '10.8.0.2' })],
      edge,
      '10.8.0.2',
    ],
    [
      'anything when nginx’s container is not there',
      [buildHostContainer('web', { back: '10.8.0.2' })],
      edge,
      '10.8.0.2',
    ],
  ])('finds %s', (_, containers, nginx, address) => {
    expect(chooseEndpoints('web', 8080, containers, nginx)).toEqual({
      state: 'available',
      endpoints: [{ address, port: 8080 }],
    });
  });

  it('finds a container by its id, short or whole', () => {
    const container = buildHostContainer('web', { bridge: '172.17.0.2' });
    const containers = [{ ...container, observed: { ...container.observed, id: '0123456789abcdef'.repeat(4) } }];
    expect(chooseEndpoints('0123456789ab', 80, containers, host).state).toBe('available');
    expect(chooseEndpoints('0123456789abcdef'.repeat(4), 80, containers, host).state).toBe('available');
    expect(chooseEndpoints('0123', 80, containers, host).state).toBe('unavailable');
  });

  it.each<[string, HostContainer[], NginxPlace, string]>([
    ['none of that name', [buildHostContainer('other', { bridge: '172.17.0.2' })], host, 'there is no container "web"'],
    ['a stopped one', [buildHostContainer('web', { bridge: null }, { state: 'exited' })], host, '"web" is not running'],
    [
      'a paused one',
      [buildHostContainer('web', { bridge: '172.17.0.2' }, { state: 'paused' })],
      host,
      '"web" is paused',
    ],
    ['one without a network', [buildHostContainer('web', { none: null })], host, '"web" has no network address'],
    [
      'one whose network’s owner is gone',
      [buildHostContainer('web', {}, { mode: 'container:gone' })],
      host,
      '"web" uses the network of a container that is not on this node',
    ],
    [
      'one that nginx’s container does not reach',
      [buildHostContainer('edge', { front: '10.9.0.3' }), buildHostContainer('web', { back: '10.8.0.2' })],
      edge,
      '"web" shares no network with nginx’s container "edge"',
    ],
    [
      'one on the host’s network, from a container',
      [buildHostContainer('edge', { front: '10.9.0.3' }), onHost('web')],
      edge,
      '"web" uses the host’s network',
    ],
  ])('says why it does not reach %s', (_, containers, nginx, reason) => {
    expect(chooseEndpoints('web', 80, containers, nginx)).toEqual({
      state: 'unavailable',
      reason: expect.stringContaining(reason) as string,
    });
  });
});
