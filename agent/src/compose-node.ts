import { join } from 'node:path';
import { withinBound, type Logger, type Shutdown } from '@flotilla/runtime';
import type { CoreClock } from './shared/core-clock.ts';
import type { PendingReport } from './heartbeat/pending-report.ts';
import type { HostFacts } from './host/read-host-facts.ts';
import type { ContainerSamplerDeps } from './metrics/containers/create-container-sampler.ts';
import { createProxy, type Proxy, type ProxySettings } from './nginx/index.ts';
import { openErrorPageStore } from './error-pages/error-page-store.ts';
import { startErrorPages, type ErrorPages } from './error-pages/start-error-pages.ts';
import { Inventory } from './containers/inventory.ts';
import { createContainerReader } from './containers/read-containers.ts';
import { createCertificateStore } from './certificates/certificate-store.ts';
import { startCertificates } from './certificates/start-certificates.ts';
import type { NginxPlace, HostContainer } from './containers/host-container.ts';
import { runDockerWatch } from './containers/run-docker-watch.ts';
import { createTemplateReader } from './containers/template/read-template.ts';
import { createReplicaDocker } from './replicas/replica-docker.ts';
import { createReplicasRepository } from './replicas/replicas.repository.ts';
import { startReplicas, type Replicas } from './replicas/start-replicas.ts';
import type { AgentSettings } from './settings.ts';
import { createDesiredStateApplier } from './apply-desired-state.ts';
import { createReadContainerHandler } from './tasks/read-container.ts';
import { createScaleHandler } from './tasks/scale.ts';
import { createTaskRunner, type TaskRunner } from './tasks/task-runner.ts';
import { createUpdateNginxHandler } from './tasks/update-nginx.ts';
import { BanBook } from './waf/ban-book.ts';
import { createBansRepository } from './waf/bans.repository.ts';
import { refusedAtStart, startBans, type Bans } from './waf/start-bans.ts';

/** What a first configuration waits for Docker, so that a service is not refused for a container that is there. */
const DOCKER_WAIT_MS = 3000;
/** Bounds of the contracts for what a fact may say. */
const MAX_PROXY_REASON_LENGTH = 4000;
const MAX_VERSION_LENGTH = 64;
const STOP_MS = { docker: 200, proxy: 1600, replicas: 300, bans: 200, errorPages: 200, certificates: 200 } as const;

export interface NodeDeps {
  readonly settings: AgentSettings;
  readonly agentId: string;
  readonly nginxDirectory: string;
  readonly replicasDirectory: string;
  readonly bansDirectory: string;
  readonly certificatesDirectory: string;
  /** Gets a certificate with its key from the Core. @throws CoreUnavailableError, CoreRefusalError */
  readonly fetchCertificate: (hash: string) => Promise<string>;
  readonly errorPagesDirectory: string;
  /** From the Core, by its content's hash. */
  readonly fetchErrorPage: (hash: string, signal: AbortSignal) => Promise<string>;
  readonly clock: CoreClock;
  /** Where the host's files are seen; `/` on the host itself. */
  readonly hostRoot: string;
  readonly host: HostFacts;
  /** Everything that the Core is told goes here. */
  readonly report: PendingReport;
  /** There is something that the Core should know now. */
  readonly onUrgent: () => void;
  readonly logger: Logger;
  readonly shutdown: Shutdown;
}

export interface AgentNode {
  readonly proxy: Proxy;
  /** What there is to sample. */
  readonly containers: Pick<ContainerSamplerDeps, 'inspect'> & {
    readonly listContainers: () => readonly HostContainer[] | null;
  };
  readonly replicas: Replicas;
  readonly bans: Bans;
  readonly errorPages: Pick<ErrorPages, 'figures'>;
  readonly tasks: TaskRunner;
  /** The Core has lost what it knew of this host: all of it waits for the next heartbeats. */
  readonly repeatEverything: () => void;
}

/** This host's part of the agent: nginx and Docker, which work without the Core. Resolves when both had their chance. */
export async function startNode(deps: NodeDeps): Promise<AgentNode> {
  const { settings, host, report, onUrgent, logger, shutdown } = deps;
  const run = (work: Promise<unknown>, problem: string): void =>
    void work.catch((err: unknown) => logger.error({ err }, problem));

  const publishFacts = (): void =>
    report.setFacts({ ...host, docker: inventory.dockerStatus, proxy: readProxyFacts(proxy) });

  const certificateStore = createCertificateStore(deps.certificatesDirectory);
  const bansRepository = createBansRepository(deps.bansDirectory, logger);
  const banBook = new BanBook(await bansRepository.read());
  const pageStore = await openErrorPageStore(deps.errorPagesDirectory);
  let replicas: Replicas | null = null;
  const inventory = new Inventory({
    nginx: chooseNginxPlace(settings),
    onDockerStatus: publishFacts,
    onContainers: (containers) => {
      report.setContainers(containers);
      replicas?.look();
    },
    onAddresses: () => run(proxy.reresolve(), 'could not follow the containers’ addresses'),
  });
  const proxy: Proxy = createProxy({
    settings: chooseProxySettings(settings, deps.nginxDirectory),
    logger: logger.child({ part: 'nginx' }),
    resolveContainer: (container, port) => inventory.resolve(container, port),
    readCertificate: certificateStore.read,
    readErrorPage: pageStore.read,
    onSitesRendered: (configs) => report.addSiteConfigs(configs),
    onResult: (result) => {
      report.setProxyResult(result);
      onUrgent();
    },
    onStatus: publishFacts,
    refusedAtStart: refusedAtStart(banBook, deps.clock),
  });
  shutdown.add('nginx', () => proxy.stop({ leaveServing: !settings.stopProxyOnExit }), STOP_MS.proxy);

  const reader = createContainerReader(settings.dockerSocket);
  const docker = runDockerWatch({
    reader,
    inventory,
    logger: logger.child({ part: 'docker' }),
    signal: shutdown.signal,
  });
  shutdown.add('Docker', () => docker.finished, STOP_MS.docker);
  const waitForDocker = withinBound('the answer of Docker', DOCKER_WAIT_MS, docker.firstAttempt);
  await Promise.all([
    proxy.start(),
    waitForDocker.catch((err: unknown) => logger.warn({ err }, 'Docker is slow; it is picked up when it answers')),
  ]);
  publishFacts();
  const certificates = startCertificates({
    store: certificateStore,
    fetch: deps.fetchCertificate,
    onArrived: () => run(proxy.reresolve(), 'could not serve with a certificate that came'),
    logger: logger.child({ part: 'certificates' }),
    signal: shutdown.signal,
  });
  shutdown.add('certificates', () => certificates.finished, STOP_MS.certificates);
  const bans = startBans({
    book: banBook,
    repository: bansRepository,
    gate: proxy.bans,
    clock: deps.clock,
    onUrgent,
    logger: logger.child({ part: 'bans' }),
    signal: shutdown.signal,
  });
  shutdown.add('bans', () => bans.finished, STOP_MS.bans);

  const errorPages = startErrorPages({
    store: pageStore,
    fetchPage: deps.fetchErrorPage,
    listSites: proxy.wantedSites,
    onArrived: () => run(proxy.reresolve(), 'could not serve error pages that have come'),
    logger: logger.child({ part: 'error-pages' }),
    signal: shutdown.signal,
  });
  shutdown.add('error pages', () => errorPages.finished, STOP_MS.errorPages);

  replicas = await startReplicas({
    docker: createReplicaDocker(settings.dockerSocket, deps.agentId),
    gate: proxy.gate,
    repository: createReplicasRepository(deps.replicasDirectory, logger),
    procFolder: join(deps.hostRoot, 'proc'),
    onReport: (changed) => {
      report.addReplicas(changed);
      onUrgent();
    },
    logger: logger.child({ part: 'replicas' }),
    signal: shutdown.signal,
  });
  const running = replicas;
  shutdown.add('replicas', () => running.finished, STOP_MS.replicas);
  if (proxy.appliedRevision() !== null) running.settle(proxy.wantedSites(), new Set());

  const readTemplate = createTemplateReader(settings.dockerSocket);
  const tasks = createTaskRunner({
    handlers: {
      UPDATE_NGINX: createUpdateNginxHandler(
        createDesiredStateApplier({ proxy, replicas: running, certificates, errorPages }),
      ),
      SCALE: createScaleHandler(running.scale),
      READ_CONTAINER: createReadContainerHandler((container) => readTemplate(container, shutdown.signal)),
    },
    onResult: (result, { isFinal }) => {
      report.addResult(result);
      if (isFinal) onUrgent();
    },
    logger: logger.child({ part: 'tasks' }),
  });

  const repeatSites = async (): Promise<void> => report.addSiteConfigs(await proxy.renderedSites());
  return {
    proxy,
    containers: { listContainers: () => inventory.containers, inspect: reader.readProcess },
    replicas: running,
    bans,
    errorPages,
    tasks,
    repeatEverything: () => {
      running.repeatReports();
      report.repeatSnapshots();
      run(repeatSites(), 'could not read the sites that nginx serves');
    },
  };
}

function chooseNginxPlace({ nginxMode, nginxContainer }: AgentSettings): NginxPlace {
  return nginxMode === 'container' && nginxContainer !== undefined
    ? { kind: 'container', name: nginxContainer }
    : { kind: 'host' };
}

function chooseProxySettings(settings: AgentSettings, directory: string): ProxySettings {
  const { nginxBinary: binary, dockerSocket, proxyAddress, proxyHttpPort, proxyHttpsPort } = settings;
  const place = chooseNginxPlace(settings);
  return {
    directory,
    mode:
      place.kind === 'container'
        ? { kind: 'container', container: place.name, dockerSocket }
        : { kind: 'process', binary },
    listenAddress: proxyAddress ?? null,
    httpPort: proxyHttpPort,
    httpsPort: proxyHttpsPort,
  };
}

function readProxyFacts(proxy: Proxy): ReturnType<Proxy['status']> {
  const status = proxy.status();
  return {
    ...status,
    reason: status.reason?.slice(0, MAX_PROXY_REASON_LENGTH) ?? null,
    nginxVersion: status.nginxVersion?.slice(0, MAX_VERSION_LENGTH) ?? null,
  };
}
