import type { DesiredState, UpdateNginxResult } from '@flotilla/contracts';
import { LOG_KEYS, runPeriodically, type PeriodicLoop } from '@flotilla/runtime';
import { tmpdir } from 'node:os';
import PQueue from 'p-queue';
import { keyOfRefused, type RefusedNetwork } from '../shared/ban-gate.ts';
import { createBanGate } from './bans/create-ban-gate.ts';
import { createCertificatesRepository } from './certificates/certificates.repository.ts';
import { chooseControlSocket } from './choose-control-socket.ts';
import { createConfigurator, type Configuring, type ConfigureOptions } from './configurator.ts';
import { contentHash } from './content-hash.ts';
import { createGate, type RosterOutcome } from './create-gate.ts';
import { createContainerDriver } from './drivers/container-driver.ts';
import type { NginxDriver } from './drivers/driver.ts';
import { createProcessDriver } from './drivers/process-driver.ts';
import { readOld, waitForOldWorkers } from './hand-over.ts';
import { hostsOf } from './hosts-of.ts';
import { layoutOf, type Layout } from './layout.ts';
import { parseBindPort } from './parse-nginx-output.ts';
import type { ApplyOutcome, Proxy, ProxyDeps, ProxyStatus } from './proxy.ts';
import { createAddressBook } from './read-addresses.ts';
import { createReleasesRepository } from './releases/releases.repository.ts';
import type { Rosters } from './resolve-targets.ts';
import { findShrunk, serveRosters } from './serve-rosters.ts';

const SUPERVISION_INTERVAL_MS = 1000;
const RERESOLVE_INTERVAL_MS = 30_000;
const GATE_INTERVAL_MS = 1000;
const BANS_INTERVAL_MS = 1000;

/**
 * The agent's nginx. All work on it goes through one queue:
 *
 *     apply ─────────────┐
 *     replicas, 1 s ─────┤
 *     bans, 1 s ─────────┤
 *     reresolve, 30 s ───┼─▶ render ─▶ test ─▶ swap ─▶ reload ─▶ confirm ─▶ record
 *     nginx found dead ──┘      │        │                         │
 *                               └────────┴── left out or refused ──┴─▶ the last good configuration serves
 */
export function createProxy(deps: ProxyDeps): Proxy {
  const { settings, logger, onStatus, onResult } = deps;
  const layout = layoutOf(settings.directory);
  const controlSocket = chooseControlSocket(layout.root, tmpdir(), contentHash(layout.root));
  const addressBook = createAddressBook();
  const driver = createDriver(deps, layout, controlSocket);
  const configurator = createConfigurator({
    settings,
    layout,
    controlSocket,
    driver,
    addressBook,
    logger,
    releases: createReleasesRepository(layout),
    certificates: createCertificatesRepository(`${layout.root}/certificates`, () => new Date()),
    resolveContainer: deps.resolveContainer,
    readCertificate: deps.readCertificate,
    readErrorPage: deps.readErrorPage,
    onSitesRendered: deps.onSitesRendered,
    onStep: async (step) => {
      logger.debug({ step }, 'nginx configuration');
      await deps.onStep?.(step);
    },
  });
  const queue = new PQueue({ concurrency: 1 });
  const ending = new AbortController();
  const loops: PeriodicLoop[] = [];
  let wanted: DesiredState | null = null;
  let rosters: Rosters = new Map();
  let refused: ReadonlyMap<string, RefusedNetwork> = new Map(
    (deps.refusedAtStart ?? []).map((one) => [keyOfRefused(one), one]),
  );
  let isStarted = false;
  let failure: string | null = 'nginx has not been started yet';
  let lastResult: string | null = null;

  const status = (): ProxyStatus => {
    const version = configurator.facts()?.version.join('.') ?? null;
    const { httpPort, httpsPort } = settings;
    const reason = failure ?? configurator.httpsProblem();
    return { state: failure === null ? 'serving' : 'failed', reason, nginxVersion: version, httpPort, httpsPort };
  };

  const setFailure = (next: string | null): void => {
    failure = next;
    onStatus(status());
  };

  /** A failure of this host (a full disk, no nginx) is a reason like any other. */
  const configure = async (desired: DesiredState | null, options: ConfigureOptions): Promise<Configuring> => {
    const configuring = await settle(configurator.configure(desired, options));
    if (configuring.ok) setFailure(null);
    else if (!(await driver.isRunning())) setFailure(configuring.reason);
    return configuring;
  };

  /** What the Core is told. */
  const handle = async (desired: DesiredState, isAskedFor: boolean): Promise<UpdateNginxResult> => {
    const startedAt = performance.now();
    const configuring = await configure(desired, { isAskedFor, rosters, refused });
    const result = toResult(desired, configuring);
    // Another try every 30 s is no news.
    logger[isAskedFor ? 'info' : 'debug'](
      {
        [LOG_KEYS.revision]: desired.revision,
        [LOG_KEYS.durationMs]: Math.round(performance.now() - startedAt),
        outcome: result.outcome,
        rejectedSites: result.rejectedSites.length,
      },
      'nginx configuration handled',
    );
    return result;
  };

  const settle = async (configuring: Promise<Configuring>): Promise<Configuring> => {
    try {
      return await configuring;
    } catch (error) {
      logger.error({ err: error }, 'the nginx configuration could not be handled');
      return { ok: false, reason: messageOf(error), rejectedSites: [], lostSites: [] };
    }
  };

  /** @returns whether the result before it was another one */
  const remember = (result: UpdateNginxResult): boolean => {
    const before = lastResult;
    lastResult = JSON.stringify(result);
    return before !== null && before !== lastResult;
  };

  /** Applies what is wanted once more. */
  const reconcile = async (): Promise<void> => {
    if (wanted !== null) tell(await handle(wanted, false));
  };

  /** What nobody asked for is told when it is news. */
  const tell = (result: UpdateNginxResult): void => {
    if (remember(result)) onResult(result);
  };

  const changeRosters = async (asked: Rosters): Promise<RosterOutcome> => {
    const before = rosters;
    const oldBefore = await readOld(driver);
    const outcome = await serveRosters(asked, {
      served: before,
      configure: async (next, newRosters) => {
        const configuring = await configure(wanted, { isAskedFor: false, rosters: next, newRosters, refused });
        if (configuring.ok && wanted !== null) tell(toResult(wanted, configuring));
        return configuring;
      },
    });
    rosters = withoutGone(outcome.rosters, wanted);
    const handedOver = outcome.hasReloaded ? waitForOldWorkers(driver, oldBefore, ending.signal) : Promise.resolve();
    return {
      ...outcome,
      shrunk: findShrunk(before, rosters),
      handedOver: handedOver.catch((error: unknown) => logger.warn({ err: error }, 'nginx’s old workers are not seen')),
    };
  };

  const enforce = async (next: ReadonlyMap<string, RefusedNetwork>): Promise<void> => {
    // Also when nginx cannot be told now: whatever it is told next, they are in it.
    refused = next;
    const configuring = await configure(wanted, { isAskedFor: false, rosters, refused });
    if (!configuring.ok) throw new Error(configuring.reason);
    if (wanted !== null) tell(toResult(wanted, configuring));
  };

  /** Until nginx serves: recover what is on disk and bring it up to date, else start what is there. */
  const bringUp = async (): Promise<void> => {
    const remembered = await configurator.recover();
    wanted ??= remembered.desired;
    rosters = new Map([...remembered.rosters, ...rosters]);
    const configuring = await configurator.configure(wanted, { isAskedFor: false, rosters, refused });
    if (!configuring.ok) await fallBack(configuring.reason);
    else if (wanted !== null) tell(toResult(wanted, configuring));
    isStarted = true;
    setFailure(null);
  };

  /** What cannot be brought up to date serves as it is. @throws when nginx does not serve at all */
  const fallBack = async (reason: string): Promise<void> => {
    if (await driver.isRunning()) return;
    // What is on disk would want the same port.
    if (isAboutBinding(reason) || !(await configurator.startFromDisk())) throw new Error(reason);
  };

  const supervise = async (): Promise<void> => {
    if (isStarted && (await driver.isRunning())) return;
    if (isStarted) logger.warn('nginx does not run; it is started again');
    await queue.add(bringUp);
  };

  const reportFailure = (error: unknown): void => {
    logger.error({ err: error }, 'nginx does not serve');
    setFailure(messageOf(error));
  };

  const reresolve = async (): Promise<void> => {
    await addressBook.refresh(hostsOf(wanted));
    await queue.add(reconcile);
  };

  return {
    start: async () => {
      const { signal } = ending;
      await supervise().catch(reportFailure);
      loops.push(
        runPeriodically(supervise, {
          intervalMs: SUPERVISION_INTERVAL_MS,
          signal,
          isFirstRunDelayed: true,
          onError: reportFailure,
        }),
        runPeriodically(reresolve, {
          intervalMs: RERESOLVE_INTERVAL_MS,
          signal,
          isFirstRunDelayed: true,
          onError: (error) => logger.warn({ err: error }, 'addresses could not be followed'),
        }),
      );
    },

    apply: (desired) => {
      wanted = desired;
      return queue.add(async (): Promise<ApplyOutcome> => {
        if (wanted !== desired) return { outcome: 'superseded', revision: desired.revision };
        const result = await handle(desired, true);
        remember(result);
        return result;
      });
    },

    reresolve,
    gate: createGate({
      inTurn: (work) => queue.add(work),
      serveRosters: changeRosters,
      intervalMs: GATE_INTERVAL_MS,
      signal: ending.signal,
    }),
    bans: createBanGate({
      refused,
      enforce: (next) => queue.add(() => enforce(next)),
      intervalMs: BANS_INTERVAL_MS,
      signal: ending.signal,
    }),
    status,
    wantedSites: () => wanted?.sites ?? [],
    appliedRevision: () => configurator.serving()?.desired?.revision ?? null,
    accessLogFile: layout.accessLog,
    errorLogFile: layout.errorLog,
    reopenLogs: driver.reopenLogs,
    renderedSites: configurator.readSiteConfigs,

    stop: async ({ leaveServing }) => {
      ending.abort();
      await Promise.all(loops.map((loop) => loop.finished));
      await queue.onIdle();
      if (!leaveServing) await driver.stop();
    },
  };
}

function createDriver({ settings, logger }: ProxyDeps, layout: Layout, controlSocket: string): NginxDriver {
  const { mode } = settings;
  return mode.kind === 'process'
    ? createProcessDriver({ binary: mode.binary, layout, controlSocket, logger })
    : createContainerDriver({ container: mode.container, dockerSocket: mode.dockerSocket, layout, controlSocket });
}

function toResult({ revision }: DesiredState, configuring: Configuring): UpdateNginxResult {
  if (!configuring.ok) {
    const { reason, rejectedSites } = configuring;
    return { outcome: 'rejected', revision, reason, rejectedSites: [...rejectedSites] };
  }
  const { rejectedSites, sitesWithoutPages } = configuring.record;
  return { outcome: 'applied', revision, rejectedSites, ...(sitesWithoutPages.length > 0 && { sitesWithoutPages }) };
}

/** A service that is gone, and whose replicas are, needs no roster any more. */
function withoutGone(rosters: Rosters, wanted: DesiredState | null): Rosters {
  const present = new Set(wanted?.sites.map(({ serviceId }) => serviceId));
  return new Map([...rosters].filter(([serviceId, { length }]) => length > 0 || present.has(serviceId)));
}

/** Another release would want the same port. */
function isAboutBinding(reason: string): boolean {
  return reason.split('\n').every((words) => parseBindPort(words) !== null);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
