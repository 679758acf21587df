import { describe, expect, it } from 'vitest';
import { buildContainer } from '../testing/build-report.ts';
import { chooseEndpoints } from './choose-endpoints.ts';
import type { NginxPlace, Replica } from './replica.ts';

const host: NginxPlace = { kind: 'host' };
const edge: NginxPlace = { kind: 'container', name: 'edge' };

type Networks = Record<string, string | null>;

function buildReplica(
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
  } satisfies Replica;
}

const onHost = (name: string) => buildReplica(name, { host: null }, { mode: 'host' });

describe('chooseEndpoints', () => {
  it.each<[string, Replica[], NginxPlace, string]>([
    ['a container of the bridge', [buildReplica('web', { bridge: '172.17.0.2' })], host, '172.17.0.2'],
    ['one that uses the host’s network', [onHost('web')], host, '127.0.0.1'],
    [
      'the network that it was started with before others',
      [buildReplica('web', { aaa: '10.0.0.2', main: '10.1.0.2' }, { mode: 'main' })],
      host,
      '10.1.0.2',
    ],
    [
      'always the same of several networks',
      [buildReplica('web', { zzz: '10.2.0.2', aaa: '10.0.0.2' }, { mode: 'gone' })],
      host,
      '10.0.0.2',
    ],
    ['IPv6 when there is nothing else', [buildReplica('web', { six: 'fd00::2' })], host, 'fd00::2'],
    [
      'the network of another container',
      [
        buildReplica('pod', { bridge: '172.17.0.9' }),
        buildReplica('web', {}, { mode: `container:${'pod'.padEnd(64, '0')}` }),
      ],
      host,
      '172.17.0.9',
    ],
    [
      'a network that nginx’s container shares',
      [buildReplica('edge', { front: '10.9.0.3' }), buildReplica('web', { back: '10.8.0.2', front: '10.9.0.2' })],
      edge,
      '10.9.0.2',
    ],
    [
      'anything when nginx’s container uses the host’s network',
      [onHost('edge'), buildReplica('web', { back: '10.8.0.2' })],
      edge,
      '10.8.0.2',
    ],
    ['anything when nginx’s container is not there', [buildReplica('web', { back: '10.8.0.2' })], edge, '10.8.0.2'],
  ])('finds %s', (_, replicas, nginx, address) => {
    expect(chooseEndpoints('web', 8080, replicas, nginx)).toEqual({
      state: 'available',
      endpoints: [{ address, port: 8080 }],
    });
  });

  it('finds a container by its id, short or whole', () => {
    const replica = buildReplica('web', { bridge: '172.17.0.2' });
    const replicas = [{ ...replica, observed: { ...replica.observed, id: '0123456789abcdef'.repeat(4) } }];
    expect(chooseEndpoints('0123456789ab', 80, replicas, host).state).toBe('available');
    expect(chooseEndpoints('0123456789abcdef'.repeat(4), 80, replicas, host).state).toBe('available');
    expect(chooseEndpoints('0123', 80, replicas, host).state).toBe('unavailable');
  });

  it.each<[string, Replica[], NginxPlace, string]>([
    ['none of that name', [buildReplica('other', { bridge: '172.17.0.2' })], host, 'there is no container "web"'],
    ['a stopped one', [buildReplica('web', { bridge: null }, { state: 'exited' })], host, '"web" is not running'],
    ['a paused one', [buildReplica('web', { bridge: '172.17.0.2' }, { state: 'paused' })], host, '"web" is paused'],
    ['one without a network', [buildReplica('web', { none: null })], host, '"web" has no network address'],
    [
      'one whose network’s owner is gone',
      [buildReplica('web', {}, { mode: 'container:gone' })],
      host,
      '"web" uses the network of a container that is not on this node',
    ],
    [
      'one that nginx’s container does not reach',
      [buildReplica('edge', { front: '10.9.0.3' }), buildReplica('web', { back: '10.8.0.2' })],
      edge,
      '"web" shares no network with nginx’s container "edge"',
    ],
    [
      'one on the host’s network, from a container',
      [buildReplica('edge', { front: '10.9.0.3' }), onHost('web')],
      edge,
      '"web" uses the host’s network',
    ],
  ])('says why it does not reach %s', (_, replicas, nginx, reason) => {
    expect(chooseEndpoints('web', 80, replicas, nginx)).toEqual({
      state: 'unavailable',
      reason: expect.stringContaining(reason) as string,
    });
  });
});
