import { expect, it } from 'vitest';
import { formatNetworks, formatPorts } from './format-container.ts';

const port = (hostPort: number | null, hostAddress: string | null = null) =>
  ({ containerPort: 80, protocol: 'tcp', hostAddress, hostPort }) as const;

it.each([
  [[], '—'],
  [[port(null)], '80/tcp'],
  [[port(8080, '0.0.0.0'), port(8080, '::')], '8080→80/tcp'],
])('formatPorts(%j) is %s', (ports, expected) => {
  expect(formatPorts(ports)).toBe(expected);
});

it.each([
  [[], '—'],
  [
    [
      { name: 'bridge', address: '172.17.0.2' },
      { name: 'none', address: null },
    ],
    'bridge 172.17.0.2, none',
  ],
])('formatNetworks(%j) is %s', (networks, expected) => {
  expect(formatNetworks(networks)).toBe(expected);
});
