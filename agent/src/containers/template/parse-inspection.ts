import { findFieldProblems } from '@flotilla/contracts';
import { z } from 'zod';

/** Which fields are there and which are null differs by Docker's version; of another type none may be. */
const orEmpty = <Schema extends z.ZodType>(schema: Schema, empty: z.output<Schema>) =>
  schema.nullish().transform((value) => value ?? empty);
const text = orEmpty(z.string(), '');
const number = orEmpty(z.number(), 0);
const flag = orEmpty(z.boolean(), false);
const words = orEmpty(z.array(z.string()), []);
const things = orEmpty(z.array(z.unknown()), []);
const texts = orEmpty(z.record(z.string(), z.string()), {});
const keys = orEmpty(z.record(z.string(), z.unknown()), {});

const healthcheck = z.object({ Test: words }).nullish();

/** What image and container have in common; the container's is the image's with what was changed when it was made. */
const configuration = z.object({
  User: text,
  ExposedPorts: keys,
  Env: words,
  Cmd: words,
  Entrypoint: words,
  Healthcheck: healthcheck,
  Volumes: keys,
  WorkingDir: text,
  Labels: texts,
  StopSignal: text,
});
export type Configuration = z.infer<typeof configuration>;

const mount = z.object({
  Type: text,
  Name: text,
  Source: text,
  Destination: text,
  Mode: text,
  RW: orEmpty(z.boolean(), true),
  Propagation: text,
});
export type Mount = z.infer<typeof mount>;

const network = z.object({
  NetworkID: text,
  Aliases: words,
  IPAMConfig: z.object({ IPv4Address: text, IPv6Address: text }).nullish(),
});

const hostConfiguration = z.object({
  NetworkMode: text,
  PortBindings: orEmpty(z.record(z.string(), orEmpty(z.array(z.object({ HostIp: text, HostPort: text })), [])), {}),
  PublishAllPorts: flag,
  RestartPolicy: z.object({ Name: text }).nullish(),
  NanoCpus: number,
  CpuPeriod: number,
  CpuQuota: number,
  CpuShares: number,
  CpusetCpus: text,
  CpusetMems: text,
  CpuRealtimePeriod: number,
  CpuRealtimeRuntime: number,
  Memory: number,
  MemorySwap: number,
  MemorySwappiness: z.number().nullish(),
  MemoryReservation: number,
  OomKillDisable: flag,
  OomScoreAdj: number,
  PidsLimit: number,
  Ulimits: orEmpty(z.array(z.object({ Name: text })), []),
  BlkioWeight: number,
  BlkioWeightDevice: things,
  BlkioDeviceReadBps: things,
  BlkioDeviceWriteBps: things,
  BlkioDeviceReadIOps: things,
  BlkioDeviceWriteIOps: things,
  ShmSize: number,
  Tmpfs: keys,
  Privileged: flag,
  CapAdd: words,
  CapDrop: words,
  SecurityOpt: words,
  MaskedPaths: z.array(z.string()).nullish(),
  Devices: orEmpty(z.array(z.object({ PathOnHost: text })), []),
  DeviceCgroupRules: words,
  DeviceRequests: things,
  Sysctls: texts,
  Dns: words,
  DnsOptions: words,
  DnsSearch: words,
  ExtraHosts: words,
  Links: words,
  GroupAdd: words,
  IpcMode: text,
  PidMode: text,
  UTSMode: text,
  UsernsMode: text,
  CgroupParent: text,
  ReadonlyRootfs: flag,
  Init: flag,
  Runtime: text,
  LogConfig: z.object({ Type: text, Config: keys }).nullish(),
  StorageOpt: texts,
});

/** A container as Docker's API tells it (GET /containers/{id}/json), as far as replicas could be like it. */
const container = z.object({
  Id: z.string(),
  Name: text,
  /** Id of its image. */
  Image: text,
  Config: configuration.extend({
    Image: text,
    Hostname: text,
    Domainname: text,
    Tty: flag,
    OpenStdin: flag,
    MacAddress: text,
    NetworkDisabled: flag,
    /** In seconds; absent for Docker's default. */
    StopTimeout: z.number().nullish(),
  }),
  HostConfig: hostConfiguration,
  Mounts: orEmpty(z.array(mount), []),
  NetworkSettings: z.object({ Networks: orEmpty(z.record(z.string(), network), {}) }),
});
export type InspectedContainer = z.infer<typeof container>;

const image = z.object({
  Config: orEmpty(configuration, configuration.parse({})),
  RepoTags: words,
  RepoDigests: words,
});
export type InspectedImage = z.infer<typeof image>;

/** An image that is gone, or says nothing: all that a container has is its own then. */
const EMPTY_IMAGE: InspectedImage = image.parse({});

export interface Inspection {
  readonly container: InspectedContainer;
  readonly image: InspectedImage;
  /** Id of the image that the container's image name stands for now; null when it stands for none on this host. */
  readonly namedImageId: string | null;
}

/** Docker's answers as they came. */
export interface InspectionAnswers {
  readonly container: unknown;
  /** Of the image that the container runs; null when it is gone. */
  readonly image: unknown;
  readonly namedImageId: string | null;
}

/** @throws Error that names the fields which are not as Docker's API defines them */
export function parseInspection({ container: answer, image: ofImage, namedImageId }: InspectionAnswers): Inspection {
  return {
    container: parse(container, answer),
    image: ofImage === null ? EMPTY_IMAGE : parse(image, ofImage),
    namedImageId,
  };
}

function parse<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const fields = findFieldProblems(parsed.error).map(({ field }) => field);
  throw new Error(`Docker’s answer is not as its API defines it: ${fields.slice(0, 10).join(', ')}`);
}
