import { join } from 'node:path';
import { startAccessLog, type AccessLogFigures } from './access-log/start-access-log.ts';
import type { AgentNode } from './compose-node.ts';
import type { TelemetryStats } from './shared/telemetry-publisher.ts';
import type { ScaledService } from './load/scaled-service.ts';
import { startLoad, type Load, type LoadDeps } from './load/start-load.ts';
import { createContainerSampler, type ContainerSamplerDeps } from './metrics/containers/create-container-sampler.ts';
import type { Figure } from './metrics/format-figures.ts';
import { CompilerSwitch } from './shared/compilers.ts';
import { LogFeed } from './shared/log-feed.ts';
import type { FindCountry } from './shared/country-finder.ts';
import { startTraffic, type Traffic } from './traffic/start-traffic.ts';
import { startLimiter } from './waf/start-limiter.ts';
import { startSuspects, type Suspects } from './waf/suspects/start-suspects.ts';
import type { Shutdown } from '@flotilla/runtime';

const POSITION_FILE = 'access-log.json';
const SPOOL_FOLDER = 'traffic-spool';
/** Beside what metrics may have. */
const SPOOL_SHARE = 1 / 4;
const STOP_MS = { load: 200, accessLog: 300, traffic: 900 } as const;

export interface LoadOfNodeDeps
  extends
    Pick<LoadDeps, 'agentId' | 'clock' | 'logger' | 'readCustom'>,
    Pick<ContainerSamplerDeps, 'hostRoot' | 'dockerSocket'> {
  readonly agentDir: string;
  /** Of what waits for the bus, all kinds together. */
  readonly spoolMaxBytes: number;
  /** Null without a GeoIP database. */
  readonly findCountry: FindCountry | null;
  readonly node: AgentNode;
  readonly shutdown: Shutdown;
}

export interface LoadOfNode extends Pick<Load, 'setBus'> {
  readonly listFigures: () => Figure[];
}

/** nginx's log, and the load of the services that have replicas here. */
export function startLoadOfNode(deps: LoadOfNodeDeps): LoadOfNode {
  const { node, logger, shutdown } = deps;
  const { signal } = shutdown;
  const findCountry = deps.findCountry ?? (() => null);
  const suspects = startSuspects({ ...deps, findCountry, logger: logger.child({ part: 'suspects' }), signal });
  const limiter = startLimiter({
    readSites: node.proxy.wantedSites,
    bans: node.bans,
    clock: deps.clock,
    logger: logger.child({ part: 'limiter' }),
  });
  const traffic = startTraffic({
    agentId: deps.agentId,
    directory: join(deps.agentDir, SPOOL_FOLDER),
    spoolMaxBytes: deps.spoolMaxBytes * SPOOL_SHARE,
    findCountry,
    isReadable: () => access.figures().isReadable,
    clock: deps.clock,
    logger: logger.child({ part: 'traffic' }),
    signal,
  });
  // Closed after the log, whose last lines it counts.
  shutdown.add('traffic', traffic.close, STOP_MS.traffic);
  const feed = new LogFeed([limiter, suspects.read, traffic.read], () => deps.clock.offsetMs() ?? 0);
  const compilers = new CompilerSwitch();
  const access = startAccessLog({
    file: node.proxy.accessLogFile,
    otherLogs: [node.proxy.errorLogFile],
    positionFile: join(deps.agentDir, POSITION_FILE),
    reopen: node.proxy.reopenLogs,
    onLines: (lines, count) => {
      compilers.note(count, performance.now());
      feed.add(lines);
    },
    logger: logger.child({ part: 'access log' }),
    signal,
  });
  shutdown.add('access log', () => access.finished, STOP_MS.accessLog);
  // One of its own: CPU is that of the interval which the load is of, whenever metrics are sampled.
  const containers = createContainerSampler({
    hostRoot: deps.hostRoot,
    dockerSocket: deps.dockerSocket,
    listContainers: () => node.containers.listContainers()?.filter(({ replicaOf }) => replicaOf !== null) ?? null,
    inspect: node.containers.inspect,
    logger,
    signal,
  });
  const load = startLoad({
    ...deps,
    readServices: () => readServices(node),
    sampleContainers: containers.sample,
    takeTraffic: access.takeTraffic,
    logger: logger.child({ part: 'load' }),
    signal,
  });
  shutdown.add('load', () => load.finished, STOP_MS.load);
  return {
    setBus: (bus) => {
      load.setBus(bus);
      suspects.setBus(bus);
      traffic.setBus(bus);
    },
    listFigures: () => [
      ...listAccessLogFigures(access.figures()),
      ...listLoadFigures(load.figures()),
      ...listSuspectFigures(suspects.figures()),
      ...listTrafficFigures(traffic.figures()),
    ],
  };
}

/** Null while Docker is away: nobody knows how its containers do. */
function readServices({ containers, proxy, replicas }: AgentNode): ScaledService[] | null {
  if (containers.listContainers() === null) return null;
  const limits = new Map(
    proxy.wantedSites().map((site) => [site.serviceId, site.replicas?.container.cpuLimit ?? null]),
  );
  return [...replicas.list()].map(([serviceId, { scale, replicas: running }]) => ({
    serviceId,
    scaleRevision: scale.scaleRevision,
    wanted: scale.count,
    cpuLimit: limits.get(serviceId) ?? null,
    replicas: running,
  }));
}

function listAccessLogFigures(figures: AccessLogFigures): Figure[] {
  return [
    gauge('access_log_readable', '1 while all of nginx’s log is read', figures.isReadable ? 1 : 0),
    counter('access_log_lines', 'Lines of nginx’s log that were read', figures.lines),
    counter('access_log_foreign_lines', 'Of these, the ones of another format, or torn', figures.foreign),
    counter('access_log_late_lines', 'Of these, the ones that were too old to be load', figures.late),
    counter('access_log_too_long_lines', 'Lines that were passed over', figures.tooLongLines),
    counter('access_log_lost_files', 'Files that were gone before their end was read', figures.lostFiles),
  ];
}

function listLoadFigures({ sent, acknowledged, dropped }: TelemetryStats): Figure[] {
  return [
    counter('load_messages_sent', 'Messages with load of services', sent),
    counter('load_messages_acknowledged', 'Of these, the ones that the stream has', acknowledged),
    counter('load_messages_dropped', 'Messages with load of services that did not arrive, or were not sent', dropped),
  ];
}

function listSuspectFigures({ suspicious, tooMany, sent, dropped }: ReturnType<Suspects['figures']>): Figure[] {
  return [
    counter('suspicious_requests', 'Requests that something is suspicious about', suspicious),
    counter('untold_suspects', 'Of these, the ones of more clients than can be told of', tooMany),
    counter('suspect_messages_sent', 'Messages about suspicious clients', sent),
    counter('suspect_messages_dropped', 'Messages about suspicious clients that did not arrive', dropped),
  ];
}

function listTrafficFigures({ requests, untold, spool, publisher }: ReturnType<Traffic['figures']>): Figure[] {
  return [
    counter('traffic_requests', 'Requests that were counted', requests),
    counter('traffic_untold_requests', 'Of these, the ones of more services than a node can tell of', untold),
    counter('traffic_messages_acknowledged', 'Messages with traffic that the stream has', publisher.acknowledged),
    counter('traffic_messages_dropped', 'Messages with traffic that did not fit on the disk', spool.droppedSamples),
    gauge('traffic_spool_bytes', 'Traffic on disk that the bus does not have yet', spool.waiting?.bytes ?? null),
  ];
}

function gauge(what: string, help: string, value: number | null): Figure {
  return { name: `flotilla_agent_${what}`, help, type: 'gauge', value };
}

function counter(what: string, help: string, value: number): Figure {
  return { name: `flotilla_agent_${what}_total`, help, type: 'counter', value };
}
