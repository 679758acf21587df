import { containerReading, containerTemplate, MAX_BODY_BYTES, type ContainerReading } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { planTemplate } from './plan-template.ts';
import { buildInspection, type InspectionChange } from './testing/build-inspection.ts';

const plan = (change: InspectionChange = {}) => {
  const template = planTemplate(buildInspection(change));
  // Whatever comes out is what the Core takes.
  expect(containerTemplate.parse(template)).toEqual(template);
  return template;
};
const untakenOf = (change: InspectionChange) =>
  plan(change).untaken.map(({ setting, detail }) => (detail === null ? setting : `${setting}: ${detail}`));
const bind = { Type: 'bind', Source: '/srv', Destination: '/data', Mode: '', RW: true, Propagation: 'rprivate' };
const volume = {
  Type: 'volume',
  Name: 'cache',
  Source: '/x',
  Destination: '/cache',
  Driver: 'local',
  Mode: 'z',
  RW: true,
};

describe('a container as the template of replicas', () => {
  it('that is as its image says is its image and nothing else', () => {
    expect(plan()).toEqual({
      containerId: '96c29e1012db13a7219f61c203d0b527d493247b7c493fba67788e977a2f4a42',
      name: 'shop_web_1',
      container: containerReading.parse({ image: 'shop/web:1', environment: [] }),
      ports: [80],
      untaken: [],
    });
  });

  it.each<[string, InspectionChange, Partial<ContainerReading>]>([
    [
      'the environment that is not the image’s',
      { config: { Env: ['PATH=/opt/bin', 'LANG=C', 'DSN=pg://u:p@db/x?a=b', 'EMPTY=', 'BARE', 'TEXT=a\nb'] } },
      {
        environment: [
          { name: 'PATH', value: '/opt/bin' },
          { name: 'DSN', value: 'pg://u:p@db/x?a=b' },
          { name: 'EMPTY', value: '' },
          { name: 'BARE', value: '' },
          { name: 'TEXT', value: 'a\nb' },
        ],
      },
    ],
    [
      'the later of two of one name',
      { config: { Env: ['PATH=/usr/bin', 'LANG=C', 'A=1', 'A=2'] } },
      { environment: [{ name: 'A', value: '2' }] },
    ],
    [
      'a command',
      { config: { Cmd: ['/start', '--debug', ''] } },
      { command: ['/start', '--debug', ''], entrypoint: null },
    ],
    [
      'arguments of the image’s entrypoint',
      { config: { Entrypoint: ['/in'], Cmd: ['b'] }, image: { Entrypoint: ['/in'], Cmd: ['a'] } },
      { entrypoint: null, command: ['b'] },
    ],
    [
      'an entrypoint in the place of the image’s, which drops its command',
      { config: { Entrypoint: ['sh', '-c'], Cmd: null } },
      { entrypoint: ['sh', '-c'], command: null },
    ],
    [
      'the image’s own entrypoint when it was said again, which drops the command',
      { config: { Entrypoint: ['/in'], Cmd: null }, image: { Entrypoint: ['/in'], Cmd: ['a'] } },
      { entrypoint: ['/in'], command: null },
    ],
    [
      'an entrypoint that was taken away',
      { config: { Entrypoint: null, Cmd: ['sleep', '1'] }, image: { Entrypoint: ['/in'], Cmd: ['a'] } },
      { entrypoint: [''], command: ['sleep', '1'] },
    ],
    [
      'user and working directory',
      { config: { User: '1000:1000', WorkingDir: '/srv' } },
      { user: '1000:1000', workingDirectory: '/srv' },
    ],
    [
      'volumes and binds',
      { mounts: [bind, { ...volume, Mode: 'ro', RW: false }] },
      {
        volumes: [
          { source: '/srv', target: '/data', readOnly: false },
          { source: 'cache', target: '/cache', readOnly: true },
        ],
      },
    ],
    ['limits', { host: { NanoCpus: 500_000_000, Memory: 2 ** 26 } }, { cpuLimit: 0.5, memoryLimitBytes: 2 ** 26 }],
    ['a CPU quota', { host: { CpuQuota: 150_000 } }, { cpuLimit: 1.5 }],
    ['a CPU quota of a period', { host: { CpuQuota: 50_000, CpuPeriod: 200_000 } }, { cpuLimit: 0.25 }],
    [
      'labels, but for those of the image, Compose, Swarm and Flotilla',
      {
        config: {
          Labels: {
            team: 'red',
            maintainer: 'ann',
            'com.docker.compose.project': 'shop',
            'com.docker.stack.namespace': 'shop',
            'flotilla.replica.agent': 'a',
          },
        },
        image: { Labels: { maintainer: 'ann' } },
      },
      { labels: [{ name: 'team', value: 'red' }] },
    ],
    [
      'how it is stopped',
      { config: { StopSignal: 'term', StopTimeout: 30 } },
      { stopSignal: 'SIGTERM', stopGraceMs: 30_000 },
    ],
    [
      'nothing of a signal that is the image’s',
      { config: { StopSignal: 'SIGRTMIN+3' }, image: { StopSignal: 'SIGRTMIN+3' } },
      { stopSignal: null },
    ],
    [
      'the image’s health check',
      { config: { Healthcheck: { Test: ['CMD', 'x'] } }, image: { Healthcheck: { Test: ['CMD', 'x'] } } },
      { health: { kind: 'image' } },
    ],
    ['a health check that is off', { config: { Healthcheck: { Test: ['NONE'] } } }, { health: { kind: 'port' } }],
    [
      'its network',
      {
        host: { NetworkMode: 'shop_default' },
        networks: { shop_default: { Aliases: ['shop_web_1', '96c29e1012db'], NetworkID: 'aa' } },
      },
      { network: 'shop_default' },
    ],
    [
      'a network that was given by its id',
      { host: { NetworkMode: 'abcdef123456' }, networks: { shop: { NetworkID: 'abcdef1234567890' } } },
      { network: 'shop' },
    ],
    ['the network that it was moved to', { networks: { shop: { NetworkID: 'aa' } } }, { network: 'shop' }],
    ['the network of a container that never ran', { host: { NetworkMode: 'shop' }, networks: {} }, { network: 'shop' }],
    ['the image’s name where it was made by an id', { config: { Image: 'b4b4b4b4b4b4' } }, { image: 'shop/web:1' }],
    [
      'the image’s digest where it has no tag',
      {
        config: { Image: `sha256:${'b4'.repeat(32)}` },
        imageNames: { RepoTags: [], RepoDigests: [`ghcr.io/shop/web@sha256:${'0'.repeat(64)}`] },
      },
      { image: `ghcr.io/shop/web@sha256:${'0'.repeat(64)}` },
    ],
  ])('gives %s', (_, change, expected) => {
    const { container, untaken } = plan(change);
    expect(container).toMatchObject(expected);
    expect(untaken).toEqual([]);
  });

  it.each<[string, InspectionChange]>([
    [
      'environment: A-B (is not a variable name; it has letters, digits and _ only)',
      { config: { Env: ['PATH=/usr/bin', 'LANG=C', 'A-B=secret'] } },
    ],
    [
      'environment: LONG (must have at most 32,768 characters)',
      { config: { Env: ['PATH=/usr/bin', 'LANG=C', `LONG=${'x'.repeat(40_000)}`] } },
    ],
    ['removedVariables: LANG', { config: { Env: ['PATH=/usr/bin'] } }],
    [
      'command: Too big: expected array to have <=100 items',
      { config: { Cmd: Array.from({ length: 101 }, () => 'x') } },
    ],
    ['command: has more than 65536 bytes', { config: { Cmd: Array.from({ length: 3 }, () => 'x'.repeat(30_000)) } }],
    ['user: is not a user such as app or 1000:1000', { config: { User: 'a b' } }],
    ['volumes: /srv:/ (must not be the root)', { mounts: [{ ...bind, Destination: '/' }] }],
    ['volumes: /pipe (npipe)', { mounts: [{ Type: 'npipe', Destination: '/pipe' }] }],
    ['anonymousVolumes: /cache', { mounts: [{ ...volume, Name: 'a'.repeat(64), Mode: '' }] }],
    [
      'temporaryFiles: /run, /tmp',
      { host: { Tmpfs: { '/run': '' } }, mounts: [{ Type: 'tmpfs', Destination: '/tmp' }] },
    ],
    [
      'mountOptions: /data (rshared), /cache (nocopy), /srv (Z)',
      {
        mounts: [
          { ...bind, Propagation: 'rshared' },
          { ...volume, Mode: 'nocopy' },
          { ...bind, Destination: '/srv', Mode: 'Z' },
          { ...volume, Destination: '/z' },
        ],
      },
    ],
    ['hostNetwork', { host: { NetworkMode: 'host' }, networks: { host: {} }, config: { Hostname: 'node-1' } }],
    ['noNetwork', { host: { NetworkMode: 'none' }, networks: { none: {} } }],
    ['containerNetwork', { host: { NetworkMode: 'container:abc' }, networks: {} }],
    ['otherNetworks: db', { host: { NetworkMode: 'shop' }, networks: { db: {}, shop: {} } }],
    [
      'networkAliases: web',
      { host: { NetworkMode: 'shop' }, networks: { shop: { Aliases: ['web', '96c29e1012db'] } } },
    ],
    [
      'fixedAddress: 10.0.0.5',
      { host: { NetworkMode: 'shop' }, networks: { shop: { IPAMConfig: { IPv4Address: '10.0.0.5' } } } },
    ],
    ['links: /db:/web/db', { host: { Links: ['/db:/web/db'] } }],
    [
      'publishedPorts: 127.0.0.1:8080→80/tcp, ?→443/tcp',
      {
        host: {
          PortBindings: {
            '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }],
            '443/tcp': [{ HostIp: '', HostPort: '' }],
          },
        },
      },
    ],
    ['nameServers: 1.1.1.1', { host: { Dns: ['1.1.1.1'] } }],
    ['hostNames: db:10.0.0.1', { host: { ExtraHosts: ['db:10.0.0.1'] } }],
    ['cpuLimit: 0.001', { host: { NanoCpus: 1_000_000 } }],
    ['memoryLimit: 4194304', { host: { Memory: 4_194_304 } }],
    ['swap', { host: { Memory: 2 ** 26, MemorySwap: -1 } }],
    ['memoryReservation', { host: { MemoryReservation: 1 } }],
    ['cpuPlacement', { host: { CpusetCpus: '0' } }],
    ['blockIo', { host: { BlkioDeviceReadBps: [{ Path: '/dev/sda', Rate: 1 }] } }],
    [
      'processLimits: pids 100, ulimit nofile',
      { host: { PidsLimit: 100, Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 1 }] } },
    ],
    ['outOfMemory', { host: { OomScoreAdj: -500 } }],
    ['sharedMemory', { host: { ShmSize: 2 ** 30 } }],
    ['privileged', { host: { Privileged: true, MaskedPaths: [] } }],
    ['capabilities: +CAP_NET_ADMIN, -CAP_CHOWN', { host: { CapAdd: ['CAP_NET_ADMIN'], CapDrop: ['CAP_CHOWN'] } }],
    [
      'securityOptions: seccomp=unconfined, systempaths=unconfined',
      { host: { SecurityOpt: ['seccomp=unconfined'], MaskedPaths: [] } },
    ],
    ['devices: /dev/fuse, GPU', { host: { Devices: [{ PathOnHost: '/dev/fuse' }], DeviceRequests: [{ Count: -1 }] } }],
    ['kernelSettings: net.core.somaxconn', { host: { Sysctls: { 'net.core.somaxconn': '1024' } } }],
    ['namespaces: ipc host, pid host', { host: { IpcMode: 'host', PidMode: 'host' } }],
    ['groups: video', { host: { GroupAdd: ['video'] } }],
    ['readOnlyRoot', { host: { ReadonlyRootfs: true } }],
    ['init', { host: { Init: true } }],
    ['terminal', { config: { Tty: true } }],
    ['hostname: web', { config: { Hostname: 'web' } }],
    ['runtime: kata', { host: { Runtime: 'kata' } }],
    ['logging: syslog', { host: { LogConfig: { Type: 'syslog', Config: {} } } }],
    ['storageOptions: size', { host: { StorageOpt: { size: '1G' } } }],
    ['stopSignal: 15', { config: { StopSignal: '15' } }],
    ['stopGrace: 900 s', { config: { StopTimeout: 900 } }],
    ['health', { config: { Healthcheck: { Test: ['CMD-SHELL', 'pg_isready'] } } }],
    ['restartPolicy: always', { host: { RestartPolicy: { Name: 'always' } } }],
    ['labels: a b (is not a label’s name)', { config: { Labels: { 'a b': 'x' } } }],
    ['metricsLabels: flotilla.metrics.path', { config: { Labels: { 'flotilla.metrics.path': '/metrics' } } }],
    ['image', { config: { Image: `sha256:${'b4'.repeat(32)}` }, imageNames: { RepoTags: [] } }],
    ['movedImage: shop/web:1', { namedImageId: 'sha256:other' }],
    ['movedImage: shop/web:1', { namedImageId: null }],
  ])('names %s', (expected, change) => {
    expect(untakenOf(change)).toEqual([expected]);
  });

  it.each<[string, InspectionChange, number[]]>([
    [
      'published ones before declared ones',
      {
        config: { ExposedPorts: { '80/tcp': {}, '443/tcp': {}, '53/udp': {} } },
        host: { PortBindings: { '443/tcp': [{ HostPort: '1' }] } },
      },
      [443, 80],
    ],
    [
      'that of its health check first',
      {
        config: {
          ExposedPorts: { '80/tcp': {}, '9000/tcp': {} },
          Healthcheck: { Test: ['CMD', 'curl', '-f', 'http://localhost:9000/up'] },
        },
      },
      [9000, 80],
    ],
    ['none that is none', { config: { ExposedPorts: { '0/tcp': {}, 'x/tcp': {} } } }, []],
  ])('tells its ports, %s', (_, change, ports) => {
    expect(plan(change).ports).toEqual(ports);
  });

  it('never tells a value of a variable among what it could not take', () => {
    const { untaken } = plan({ config: { Env: ['A-B=topsecret', `LONG=${'topsecret'.repeat(5000)}`] } });
    expect(JSON.stringify(untaken)).toContain('A-B');
    expect(JSON.stringify(untaken)).not.toContain('topsecret');
  });

  it('fits into a heartbeat, however large the container’s settings are', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => index);
    const template = plan({
      config: {
        Env: many(1000).map((index) => `V${index}=${'\u0001'.repeat(20_000)}`),
        Cmd: many(100).map(() => '\u0001'.repeat(30_000)),
        Labels: Object.fromEntries(many(1000).map((index) => [`l${index}`, 'ü'.repeat(4000)])),
      },
      mounts: many(500).map((index) => ({ ...bind, Source: `/${'ü'.repeat(900)}`, Destination: `/${index}` })),
    });
    expect(Buffer.byteLength(JSON.stringify(template))).toBeLessThan(MAX_BODY_BYTES / 2);
    expect(template.untaken.map(({ setting }) => setting)).toEqual([
      'command',
      'environment',
      'removedVariables',
      'volumes',
      'labels',
    ]);
  });

  it.each<[string, object, RegExp]>([
    ['a field of another type', buildInspection({ config: { Env: 'A=B' } }), /Config\.Env/],
    ['nothing at all', { container: null, image: null, namedImageId: null }, /Docker’s answer/],
  ])('says of %s what is wrong with it', (_, answers, problem) => {
    expect(() => planTemplate(answers as ReturnType<typeof buildInspection>)).toThrow(problem);
  });

  it('takes all of a container whose image is gone for its own', () => {
    const answers = buildInspection({ namedImageId: null });
    expect(planTemplate({ ...answers, image: null }).container).toMatchObject({
      image: 'shop/web:1',
      command: ['/start'],
      environment: [{ name: 'PATH' }, { name: 'LANG' }],
      workingDirectory: '/app',
    });
  });
});
