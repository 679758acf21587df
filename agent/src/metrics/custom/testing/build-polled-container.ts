import type { PolledContainer } from '../choose-container-port.ts';

type Port = PolledContainer['observed']['ports'][number];

/** A running container; name only what the test is about. */
export function buildPolledContainer(
  name: string,
  {
    labels = {},
    networkMode = 'default',
    replicaOf = null,
    ...observed
  }: Partial<PolledContainer['observed']> & {
    readonly labels?: { readonly path?: string; readonly port?: string };
    readonly networkMode?: string;
    readonly replicaOf?: string | null;
  } = {},
): PolledContainer {
  return {
    observed: {
      id: Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64),
      name,
      state: 'running',
      networks: [{ name: 'bridge', address: '172.17.0.2' }],
      ports: [],
      ...observed,
    },
    networkMode,
    metricsLabels: { path: labels.path ?? null, port: labels.port ?? null },
    replicaOf,
  };
}

export function buildPort(containerPort: number, published: Partial<Port> = {}): Port {
  return { containerPort, protocol: 'tcp', hostAddress: null, hostPort: null, ...published };
}
