import type { ObservedContainer } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { planContainerTemplate } from './plan-container-template.ts';

const always = ['environment', 'command', 'volumes', 'limits', 'labels'];
const portOf = (containerPort: number, hostPort: number | null = null, protocol: 'tcp' | 'udp' = 'tcp') => ({
  containerPort,
  protocol,
  hostAddress: null,
  hostPort,
});
const plan = (change: Partial<ObservedContainer>) =>
  planContainerTemplate({ image: 'shop/web:1', ports: [portOf(80)], networks: [], ...change });

describe('a container as the template of replicas', () => {
  it.each<[string, Partial<ObservedContainer>, object]>([
    ['its image and only port', {}, { image: 'shop/web:1', port: 80, network: null, untaken: always }],
    [
      'a port that is bound to IPv4 and IPv6 once, and says that replicas publish none',
      { ports: [portOf(80, 8080), portOf(80, 8080), portOf(53, null, 'udp')] },
      { port: 80, untaken: [...always, 'publishedPorts'] },
    ],
    [
      'no port where there is a choice',
      { ports: [portOf(80), portOf(443)] },
      { port: null, untaken: ['port', ...always] },
    ],
    ['no port where none is known', { ports: [] }, { port: null, untaken: ['port', ...always] }],
    [
      'the first network that somebody made',
      { networks: ['bridge', 'shop_default', 'db'].map((name) => ({ name, address: null })) },
      { network: 'shop_default', untaken: [...always, 'otherNetworks'] },
    ],
    ['nothing of Docker’s default network', { networks: [{ name: 'bridge', address: null }] }, { network: null }],
    [
      'no image whose name is gone',
      { image: `sha256:${'a'.repeat(64)}` },
      { image: null, untaken: ['image', ...always] },
    ],
    ['no bare id for an image', { image: 'a1b2c3d4e5f6' }, { image: null }],
  ])('takes %s', (_, change, expected) => {
    expect(plan(change)).toMatchObject(expected);
  });
});
