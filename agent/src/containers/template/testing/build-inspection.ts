import type { InspectionAnswers } from '../parse-inspection.ts';

const IMAGE_ID = `sha256:${'b4'.repeat(32)}`;

/** What is not the same for every container. */
export interface InspectionChange {
  readonly config?: object;
  readonly host?: object;
  readonly mounts?: readonly object[];
  readonly networks?: object;
  /** Of the image’s configuration. */
  readonly image?: object;
  readonly imageNames?: { readonly RepoTags?: readonly string[]; readonly RepoDigests?: readonly string[] };
  readonly namedImageId?: string | null;
}

/** Docker’s answers (API 1.41) about a container that was made by `docker run shop/web:1`, with changes. */
export function buildInspection(change: InspectionChange = {}): InspectionAnswers {
  return {
    container: {
      Id: '96c29e1012db13a7219f61c203d0b527d493247b7c493fba67788e977a2f4a42',
      Created: '2026-11-23T18:06:40.587273925Z',
      Path: '/start',
      Args: [],
      State: { Status: 'running', Running: true, Pid: 4711 },
      Image: IMAGE_ID,
      Name: '/shop_web_1',
      RestartCount: 0,
      HostConfig: { ...USUAL_HOST, ...change.host },
      Mounts: change.mounts ?? [],
      Config: {
        Hostname: '96c29e1012db',
        Domainname: '',
        User: '',
        AttachStdin: false,
        AttachStdout: true,
        Tty: false,
        OpenStdin: false,
        Env: ['PATH=/usr/bin', 'LANG=C'],
        Cmd: ['/start'],
        Image: 'shop/web:1',
        Volumes: null,
        WorkingDir: '/app',
        Entrypoint: null,
        OnBuild: null,
        Labels: {},
        ExposedPorts: { '80/tcp': {} },
        ...change.config,
      },
      NetworkSettings: {
        Ports: {},
        Networks: change.networks ?? { bridge: { IPAMConfig: null, Links: null, Aliases: null, NetworkID: 'f00' } },
      },
    },
    image: {
      Id: IMAGE_ID,
      RepoTags: ['shop/web:1'],
      RepoDigests: [],
      ...change.imageNames,
      Config: {
        User: '',
        Env: ['PATH=/usr/bin', 'LANG=C'],
        Cmd: ['/start'],
        Entrypoint: null,
        WorkingDir: '/app',
        Labels: null,
        ExposedPorts: { '80/tcp': {} },
        ...change.image,
      },
    },
    namedImageId: change.namedImageId === undefined ? IMAGE_ID : change.namedImageId,
  };
}

/** As Docker fills in what nobody has said. */
const USUAL_HOST = {
  Binds: null,
  LogConfig: { Type: 'json-file', Config: {} },
  NetworkMode: 'default',
  PortBindings: {},
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  AutoRemove: false,
  CapAdd: null,
  CapDrop: null,
  CgroupnsMode: 'host',
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: 'private',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  ShmSize: 67_108_864,
  Runtime: 'runc',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: null,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: [],
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: false,
  PidsLimit: null,
  Ulimits: null,
  MaskedPaths: ['/proc/kcore'],
};
