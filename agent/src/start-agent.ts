import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fetchCertificate, fetchErrorPage, MAX_ERROR_PAGE_BYTES, renewBusAccess } from '@flotilla/contracts';
import { LOG_KEYS, startHealthServer, type HealthCheck, type Logger, type Shutdown } from '@flotilla/runtime';
import { startBusLink } from './bus/bus-link.ts';
import { startLoadOfNode } from './compose-load.ts';
import { startNode } from './compose-node.ts';
import { startHeartbeats } from './heartbeat/heartbeat-loop.ts';
import { PendingReport } from './heartbeat/pending-report.ts';
import { findHostRoot, readHostFacts } from './host/read-host-facts.ts';
import { createHostSampler } from './metrics/host/create-host-sampler.ts';
import { createContainerSampler } from './metrics/containers/create-container-sampler.ts';
import { startCustomMetrics } from './metrics/custom/start-custom-metrics.ts';
import { formatFigures } from './metrics/format-figures.ts';
import {
  listCustomFigures,
  listErrorPageFigures,
  listPipelineFigures,
  listProcessFigures,
} from './metrics/list-figures.ts';
import { startMetrics } from './metrics/start-metrics.ts';
import { obtainState } from './obtain-state.ts';
import type { AgentSettings } from './settings.ts';
import { createCoreClient } from './shared/core-client.ts';
import { createCoreClock } from './shared/core-clock.ts';
import { createStateRepository } from './state/agent-state.repository.ts';
import { lockDirectory } from './state/directory-lock.ts';
import type { FindCountry } from './shared/country-finder.ts';

/** What it answers is nobody else's business: it asks nobody who they are. */
const LOOPBACK = '127.0.0.1';
const NGINX_FOLDER = 'nginx';
const REPLICAS_FOLDER = 'replicas';
const BANS_FOLDER = 'bans';
const CERTIFICATES_FOLDER = 'certificates';
const ERROR_PAGES_FOLDER = 'error-pages';
/** As JSON a character takes six bytes at most. */
const MAX_PAGE_ANSWER_BYTES = 6 * MAX_ERROR_PAGE_BYTES + 1024;
const SPOOL_FOLDER = 'spool';
const STOP_MS = { tasks: 1000, heartbeat: 1200, metrics: 900, custom: 200, bus: 1000 } as const;

export interface AgentContext {
  readonly version: string;
  readonly logger: Logger;
  /** Everything that is opened is closed by it; the bounds of all steps together are about 5 s. */
  readonly shutdown: Shutdown;
}

export interface RunningAgent {
  readonly agentId: string;
  /** Null without a health server. */
  readonly healthPort: number | null;
}

/**
 * Starts an agent. nginx serves what is on disk before the Core is asked for anything. Resolves when heartbeats have
 * begun.
 * @throws SettingsError, CorruptStateError, DirectoryInUseError, RegistrationError
 */
export async function startAgent(
  settings: AgentSettings,
  { version, logger, shutdown }: AgentContext,
): Promise<RunningAgent> {
  const { signal } = shutdown;
  const lock = await lockDirectory(settings.agentDir);
  shutdown.add('directory lock', lock.release);
  const notYet = (): void => {
    throw new Error('has not begun yet');
  };
  const readiness: Record<'nginx' | 'core', HealthCheck> = { nginx: notYet, core: notYet };
  let listFigures = listProcessFigures;
  const renderMetrics = async (): Promise<string> => formatFigures(listFigures());
  const healthPort = await startHealth(settings.agentHealthPort, { readiness, renderMetrics }, shutdown);

  const hostRoot = settings.hostRoot ?? (await findHostRoot());
  const host = await readHostFacts(hostRoot);
  const repository = createStateRepository(settings.agentDir, logger);
  const { hostname } = host;
  const state = await obtainState(settings, { repository, version, hostname, logger, signal });
  const { agentId, apiKey } = state;
  const log = logger.child({ [LOG_KEYS.agentId]: agentId });
  const core = createCoreClient(state.coreUrl);
  shutdown.add('connections to the Core', core.close);

  let heartbeatNow = (): void => undefined;
  const report = new PendingReport();
  const clock = createCoreClock(log);
  const node = await startNode({
    settings,
    agentId,
    nginxDirectory: join(settings.agentDir, NGINX_FOLDER),
    replicasDirectory: join(settings.agentDir, REPLICAS_FOLDER),
    bansDirectory: join(settings.agentDir, BANS_FOLDER),
    certificatesDirectory: join(settings.agentDir, CERTIFICATES_FOLDER),
    fetchCertificate: async (hash) => (await core.call(fetchCertificate, { hash }, { apiKey, signal })).pem,
    errorPagesDirectory: join(settings.agentDir, ERROR_PAGES_FOLDER),
    fetchErrorPage: async (hash, ending) => {
      const options = { apiKey, signal: ending, maxAnswerBytes: MAX_PAGE_ANSWER_BYTES };
      return (await core.read(fetchErrorPage, { hash }, options)).html;
    },
    clock,
    hostRoot,
    host,
    report,
    onUrgent: () => heartbeatNow(),
    logger: log,
    shutdown,
  });
  readiness.nginx = () => {
    const { state: proxyState, reason } = node.proxy.status();
    if (proxyState === 'failed') throw new Error(reason ?? 'does not serve');
  };

  const metricsLog = log.child({ part: 'metrics' });
  const custom = startCustomMetrics({
    listSites: node.proxy.wantedSites,
    listContainers: node.containers.listContainers,
    logger: metricsLog,
    signal,
  });
  shutdown.add('custom metrics', () => custom.finished, STOP_MS.custom);
  const metrics = startMetrics({
    agentId,
    directory: join(settings.agentDir, SPOOL_FOLDER),
    spoolMaxBytes: settings.spoolMaxBytes,
    sampleIntervalMs: settings.sampleIntervalMs,
    sources: {
      readHost: createHostSampler({ hostRoot, logger: metricsLog }).sample,
      readContainers: createContainerSampler({
        hostRoot,
        dockerSocket: settings.dockerSocket,
        ...node.containers,
        logger: metricsLog,
        signal,
      }).sample,
      readSeries: custom.readSeries,
    },
    clock,
    logger: metricsLog,
    signal,
  });
  const load = startLoadOfNode({
    agentId,
    agentDir: settings.agentDir,
    hostRoot,
    dockerSocket: settings.dockerSocket,
    node,
    readCustom: custom.readLatest,
    spoolMaxBytes: settings.spoolMaxBytes,
    findCountry: settings.geoipFile === undefined ? null : await openGeoip(settings.geoipFile, log),
    clock,
    logger: log,
    shutdown,
  });
  listFigures = () => [
    ...listProcessFigures(),
    ...listPipelineFigures(metrics.figures()),
    ...listCustomFigures(custom.figures()),
    ...listErrorPageFigures(node.errorPages.figures()),
    ...load.listFigures(),
  ];

  const sessionId = randomUUID();
  const bus = startBusLink({
    agentId,
    sessionId,
    credentials: state.bus,
    urls: settings.busUrl ?? null,
    renew: (busPublicKey, ending) => core.call(renewBusAccess, { busPublicKey }, { apiKey, signal: ending }),
    save: (credentials) => repository.write({ ...state, bus: credentials }),
    onWake: () => heartbeatNow(),
    onConnection: (connection) => {
      metrics.setBus(connection);
      load.setBus(connection);
    },
    logger: log.child({ part: 'bus' }),
    signal,
  });
  shutdown.add('bus', bus.close, STOP_MS.bus);
  // Before the bus: answers to what was sent last are waited for.
  shutdown.add('metrics', metrics.close, STOP_MS.metrics);

  const heartbeats = startHeartbeats({
    core,
    apiKey,
    agentVersion: version,
    sessionId,
    report,
    clock,
    readStatus: () => ({
      bus: bus.isConnected() ? 'connected' : 'polling',
      appliedRevision: node.proxy.appliedRevision(),
      bans: node.bans.report(),
    }),
    onBans: (update) => void node.bans.take(update),
    onTasks: node.tasks.submit,
    onResend: node.repeatEverything,
    logger: log.child({ part: 'heartbeat' }),
    signal,
  });
  heartbeatNow = heartbeats.runSoon;
  readiness.core = heartbeats.check;
  shutdown.add('heartbeat', heartbeats.close, STOP_MS.heartbeat);
  // Closed first: what runs may still become a result for the last heartbeat.
  shutdown.add('tasks', node.tasks.idle, STOP_MS.tasks);
  log.info({ version, core: state.coreUrl, sessionId }, 'agent started');
  return { agentId, healthPort };
}

/** @returns null when there is no database in the file: traffic then has no countries, which is no reason to serve none */
async function openGeoip(file: string, logger: Logger): Promise<FindCountry | null> {
  try {
    const { openCountryFinder } = await import('./shared/country-finder.ts');
    return await openCountryFinder(file);
  } catch (err) {
    logger.error({ err, file }, 'FLOTILLA_GEOIP_FILE is no GeoIP database that can be read; traffic has no countries');
    return null;
  }
}

async function startHealth(
  port: number | undefined,
  answers: Pick<Parameters<typeof startHealthServer>[0], 'readiness' | 'renderMetrics'>,
  shutdown: Shutdown,
): Promise<number | null> {
  if (port === undefined) return null;
  const server = await startHealthServer({ host: LOOPBACK, port, ...answers });
  shutdown.add('health server', server.close);
  return server.port;
}
