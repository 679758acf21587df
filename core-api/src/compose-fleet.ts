import { hostname } from 'node:os';
import { subjects } from '@flotilla/contracts';
import {
  inTransaction,
  listOnlineAgentIds,
  noteCoreNetworks,
  recordLastSeen,
  type Database,
  type DatabaseSession,
} from '@flotilla/core-db';
import { LOG_KEYS, runPeriodically, type BusConnection, type Logger } from '@flotilla/runtime';
import { agentsRoutes } from './agents/agents.routes.ts';
import { BusAdmission } from './agents/bus-admission.ts';
import { revokeAgentUsers, signAgentUser } from './bus/index.ts';
import type { Fleet } from './compose-api.ts';
import { certificatesRoutes } from './certificates/certificates.routes.ts';
import { containerTemplatesRoutes } from './container-templates/container-templates.routes.ts';
import { refreshDesiredState } from './desired-state/refresh-desired-state.ts';
import { errorPagesRoutes } from './error-pages/error-pages.routes.ts';
import { eventsRoutes } from './events/events.routes.ts';
import { AgentKeys } from './heartbeat/authenticate-agents.ts';
import { heartbeatRoutes } from './heartbeat/heartbeat.routes.ts';
import { LastSeenWriter } from './heartbeat/last-seen-writer.ts';
import { createTaskOpener } from './heartbeat/open-task.ts';
import { SessionWatch } from './heartbeat/session-watch.ts';
import { bearerToken, RateLimit, Unauthorized } from './http/index.ts';
import { metricsRoutes } from './metrics/metrics.routes.ts';
import { trafficRoutes } from './traffic/traffic.routes.ts';
import { limitReads } from './shared/read-within-limit.ts';
import { pipelineRoutes } from './pipeline/pipeline.routes.ts';
import { WorkerReports } from './pipeline/worker-reports.ts';
import { scalingRoutes } from './scaling/scaling.routes.ts';
import { servicesRoutes } from './services/services.routes.ts';
import type { BusAccountKeys } from './shared/encode-bus-account.ts';
import type { LateBus } from './shared/late-bus.ts';
import type { SecretBox } from './shared/secret-box.ts';
import { tasksRoutes } from './tasks/tasks.routes.ts';
import { readOwnNetworks } from './waf/read-own-networks.ts';
import { activityRoutes } from './waf/activity.routes.ts';
import { wafRoutes } from './waf/waf.routes.ts';

/** How late the stored "last seen" may be; well below the shortest silence that counts as offline (3 s). */
const LAST_SEEN_INTERVAL_MS = 1000;
/** Addresses of hosts, and of names, change seldom. */
const OWN_NETWORKS_INTERVAL_MS = 600_000;
const CATCH_UP_INTERVAL_MS = 2000;
/** A chart takes less than 0.1 s; nginx gives up after 30 s. */
const SERIES_LIMIT_MS = 10_000;
const FORGET_INTERVAL_MS = 60_000;
/** For a node's word on one of its containers; nginx gives up after 30 s. */
const CONTAINER_WAIT_MS = 15_000;
const READING_LIMIT = { what: 'readings of containers', limit: 60, windowMs: 60_000 };
const REGISTRATION_LIMIT = { what: 'registrations', limit: 30, windowMs: 60_000 };

export interface FleetDeps {
  readonly log: Logger;
  readonly database: Database;
  /** User of the application's account: wakes agents. */
  readonly bus: Pick<LateBus, 'connection'>;
  /** User of the system account: replaces the account's JWT. */
  readonly systemBus: Pick<LateBus, 'connection'>;
  readonly busKeys: BusAccountKeys;
  readonly busUrls: readonly string[];
  /** Where browsers and agents reach the Core. */
  readonly publicUrl: string;
  readonly secretBox: SecretBox;
  readonly heartbeatIntervalMs: number;
  readonly now: () => Date;
}

export interface ComposedFleet extends Fleet {
  /** Pushes the stored revocations: a bus server that was set up anew has lost them. Never rejects. */
  readonly syncRevocations: () => Promise<void>;
  /** Hears what worker processes report over a connection; again for the same one changes nothing. */
  readonly listenToWorkers: (bus: BusConnection) => void;
  /** Ends the timers and writes what was collected. */
  readonly close: () => Promise<void>;
}

/** Builds the features that deal with nodes: registration, heartbeat, services, tasks, events. */
export function composeFleet(deps: FleetDeps): ComposedFleet {
  const { database, log, now, heartbeatIntervalMs, busKeys } = deps;
  const session = database.manager;
  const transact = <Value>(work: (tx: DatabaseSession) => Promise<Value>) => inTransaction(database, work);
  const wake = (agentId: string): void => wakeAgent(deps, agentId);
  const shared = {
    database: session,
    inTransaction: transact,
    now,
    heartbeatIntervalMs,
    refreshDesiredState,
    wakeAgent: wake,
    secretBox: deps.secretBox,
  };

  const keys = new AgentKeys(session);
  const sessions = new SessionWatch();
  const lastSeen = new LastSeenWriter({ write: (seen) => recordLastSeen(session, seen, now()) });
  const registrationLimit = new RateLimit(REGISTRATION_LIMIT);
  const readingLimit = new RateLimit(READING_LIMIT);
  const busAdmission = new BusAdmission({
    inTransaction: transact,
    log,
    busUrls: deps.busUrls,
    sign: (agent) => signAgentUser(busKeys, agent),
    pushRevocations: async (revoked) => {
      const systemBus = deps.systemBus.connection;
      if (systemBus === null) throw new Error('not connected to the bus');
      await revokeAgentUsers({ systemBus, keys: busKeys }, revoked);
    },
  });
  const workers = new WorkerReports({ now });
  const stopTimers = startTimers(deps, { lastSeen, sessions, busAdmission });

  return {
    authenticateAgent: async (request) => {
      const apiKey = bearerToken(request);
      if (apiKey === null) throw new Unauthorized('Send the API key as Authorization: Bearer <key>.');
      return keys.authenticate(apiKey);
    },
    heartbeatRoutes: heartbeatRoutes({ ...shared, keys, lastSeen, sessions, openTask: createTaskOpener(deps) }),
    routes: [
      ...agentsRoutes({ ...shared, busAdmission, registrationLimit }),
      ...servicesRoutes(shared),
      ...certificatesRoutes(shared),
      ...containerTemplatesRoutes({ ...shared, readingLimit, waitMs: CONTAINER_WAIT_MS }),
      ...scalingRoutes(shared),
      ...errorPagesRoutes(shared),
      ...metricsRoutes({ ...shared, readLimited: limitReads(database, SERIES_LIMIT_MS) }),
      ...activityRoutes({ ...shared, readLimited: limitReads(database, SERIES_LIMIT_MS) }),
      ...trafficRoutes({ ...shared, readLimited: limitReads(database, SERIES_LIMIT_MS) }),
      ...pipelineRoutes({ ...shared, bus: deps.bus, workers, log }),
      ...wafRoutes({ ...shared, wakeAll: () => wakeAllAgents(deps) }),
      ...tasksRoutes(shared),
      ...eventsRoutes(shared),
    ],
    listenToWorkers: (bus) => workers.listen(bus),
    syncRevocations: () => busAdmission.revokeStored(),
    close: async () => {
      registrationLimit.close();
      readingLimit.close();
      await keys.drain();
      await stopTimers();
    },
  };
}

/** Tells a node that there is something to fetch. Only a hint: a node that does not hear it polls. */
function wakeAgent({ bus, log }: FleetDeps, agentId: string): void {
  try {
    bus.connection?.nats.publish(subjects.agentWake(agentId));
  } catch (err) {
    // The connection was closed meanwhile; what was saved stays saved.
    log.warn({ err, [LOG_KEYS.agentId]: agentId }, 'could not wake the agent');
  }
}

/** A node that is away finds out by itself when it is back. */
async function wakeAllAgents(deps: FleetDeps): Promise<void> {
  try {
    for (const agentId of await listOnlineAgentIds(deps.database.manager)) wakeAgent(deps, agentId);
  } catch (err) {
    deps.log.warn({ err }, 'could not wake the agents');
  }
}

function startTimers(
  { log, now, database, publicUrl }: FleetDeps,
  {
    lastSeen,
    sessions,
    busAdmission,
  }: { lastSeen: LastSeenWriter; sessions: SessionWatch; busAdmission: BusAdmission },
): () => Promise<void> {
  const abort = new AbortController();
  const repeat = (what: string, intervalMs: number, run: () => Promise<void>) =>
    runPeriodically(run, {
      intervalMs,
      signal: abort.signal,
      onError: (err) => log.error({ err }, `could not ${what}; trying again`),
    });
  const loops = [
    repeat('write when agents were last seen', LAST_SEEN_INTERVAL_MS, () => lastSeen.flush()),
    repeat('tell the bus who was removed', CATCH_UP_INTERVAL_MS, () => busAdmission.catchUp()),
    repeat('note the Core’s own addresses', OWN_NETWORKS_INTERVAL_MS, async () => {
      const networks = await readOwnNetworks(publicUrl);
      await inTransaction(database, (tx) => noteCoreNetworks(tx, { networks, process: hostname() }));
    }),
    repeat('forget silent agents', FORGET_INTERVAL_MS, async () => sessions.forgetSilent(now())),
  ];
  return async () => {
    abort.abort();
    await Promise.all(loops.map((loop) => loop.finished));
    await lastSeen.flush();
  };
}
