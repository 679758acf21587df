import type { ScaleResult, ServiceReplicasReport, Site } from '@flotilla/contracts';
import { runPeriodically, type Logger } from '@flotilla/runtime';
import PQueue from 'p-queue';
import type { ReplicaGate } from '../shared/replica-gate.ts';
import { chooseWanted } from './choose-wanted.ts';
import type { ReplicaDocker } from './replica-docker.ts';
import type { RememberedService, ReplicasRepository } from './replicas.repository.ts';
import { ServiceReplicas, type RunningReplica } from './service-replicas.ts';
import type { Scale } from './wanted-service.ts';

/** Docker's events tell of every change; this is for what they missed. */
const LOOK_INTERVAL_MS = 10_000;
/** More at once are not made sooner, and a slow registry must not hold up all of them. */
const MADE_AT_ONCE = 8;

export interface ReplicasDeps {
  readonly docker: ReplicaDocker;
  readonly gate: ReplicaGate;
  readonly repository: ReplicasRepository;
  /** The host's /proc, where open connections are counted. */
  readonly procFolder: string;
  /** A service's report, when it is another one than before. */
  readonly onReport: (report: ServiceReplicasReport) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface Replicas {
  /** The services that the Core describes, and more of them to come: none is ended that is not among them. */
  readonly announce: (sites: readonly Site[]) => void;
  /**
   * The services that the Core describes: replicas of all others are drained and removed.
   * @param spared ids of services that nginx still serves in an older form
   */
  readonly settle: (sites: readonly Site[], spared: ReadonlySet<string>) => void;
  /** Resolves when the number is kept on disk. */
  readonly scale: (serviceId: string, scale: Scale) => Promise<ScaleResult>;
  /** Containers came, went, or changed. */
  readonly look: () => void;
  /** By service; what is not ready is in it, too. Not those whose containers nobody has seen yet: that is not none. */
  readonly list: () => ReadonlyMap<string, { readonly scale: Scale; readonly replicas: readonly RunningReplica[] }>;
  /** The Core has lost what it knew of this host. */
  readonly repeatReports: () => void;
  /** Resolves when the signal has aborted and nothing is under way any more; containers run on. */
  readonly finished: Promise<void>;
}

/** Runs the replicas of this host's services. What they were is found again by their labels. */
export async function startReplicas(deps: ReplicasDeps): Promise<Replicas> {
  const { docker, repository, logger, signal, onReport } = deps;
  const remembered = await repository.read();
  const making = new PQueue({ concurrency: MADE_AT_ONCE });
  const services = new Map<string, ServiceReplicas>();
  const told = new Map<string, string>();
  const clock = (): number => performance.now();
  const epochMs = Date.now() - clock();
  const dateOf = (time: number): Date => new Date(Math.round(epochMs + time));
  let written = JSON.stringify([...remembered]);
  let isDescribed = false;
  let isTellingDue = false;

  const find = (serviceId: string): ServiceReplicas => {
    const present = services.get(serviceId);
    if (present !== undefined) return present;
    const made = new ServiceReplicas(
      { ...deps, serviceId, clock, inTurn: (work) => making.add(work), onChange: tellSoon },
      remembered.get(serviceId) ?? null,
    );
    services.set(serviceId, made);
    looking.runSoon();
    return made;
  };

  const tell = async (): Promise<void> => {
    for (const [serviceId, service] of services) {
      const report = service.readReport(dateOf);
      const text = JSON.stringify(report);
      if (report !== null && told.get(serviceId) !== text) {
        told.set(serviceId, text);
        onReport(report);
      }
      if (service.isGone) services.delete(serviceId);
    }
    await write();
  };

  const tellSoon = (): void => {
    if (isTellingDue) return;
    isTellingDue = true;
    setImmediate(() => {
      isTellingDue = false;
      tell().catch((err: unknown) => logger.error({ err }, 'what is known of replicas cannot be written'));
    });
  };

  let writing = Promise.resolve();
  const write = (): Promise<void> => {
    const writeIfNew = async (): Promise<void> => {
      const kept = new Map<string, RememberedService>();
      for (const [serviceId, service] of services) kept.set(serviceId, service.remembered);
      // Before the Core has been heard, services that nobody has asked for yet are still to come.
      if (!isDescribed) for (const [id, one] of remembered) if (!kept.has(id)) kept.set(id, one);
      const text = JSON.stringify([...kept]);
      if (text === written) return;
      await repository.write(kept);
      written = text;
    };
    const next = writing.then(writeIfNew);
    writing = next.catch(() => undefined);
    return next;
  };

  const look = async (): Promise<void> => {
    const readAt = clock();
    const containers = await docker.listReplicas(signal);
    const byService = Map.groupBy(containers, ({ serviceId }) => serviceId);
    for (const serviceId of byService.keys()) if (isDescribed && !services.has(serviceId)) find(serviceId).leave();
    for (const [serviceId, service] of services) service.observe(byService.get(serviceId) ?? [], readAt);
  };
  const looking = runPeriodically(look, {
    intervalMs: LOOK_INTERVAL_MS,
    signal,
    onError: (err, failuresInARow) =>
      logger[failuresInARow === 1 ? 'warn' : 'debug']({ err, failuresInARow }, 'replicas cannot be seen'),
  });

  const readScales = (): Map<string, Scale> =>
    new Map([
      ...[...remembered].flatMap(([id, { scale }]) => (scale === null ? [] : [[id, scale] as const])),
      ...[...services].flatMap(([id, { scale }]) => (scale === null ? [] : [[id, scale] as const])),
    ]);
  const announce = (sites: readonly Site[]): void => {
    for (const wanted of chooseWanted(sites, readScales())) find(wanted.serviceId).want(wanted);
  };

  return {
    announce,
    settle: (sites, spared) => {
      isDescribed = true;
      announce(sites);
      const wanted = new Set(sites.filter(({ replicas }) => replicas !== null).map(({ serviceId }) => serviceId));
      for (const [serviceId, service] of services) {
        if (!wanted.has(serviceId) && !spared.has(serviceId)) service.leave();
      }
      looking.runSoon();
    },
    scale: async (serviceId, scale) => {
      const service = services.get(serviceId);
      const wanted = service?.wanted ?? null;
      if (service === undefined || wanted === null) return { outcome: 'unknown_service', scaleRevision: 0 };
      const { scaleRevision } = wanted;
      if (scale.scaleRevision < scaleRevision) return { outcome: 'outdated', scaleRevision };
      service.scale = scale;
      service.want({ ...wanted, ...scale });
      await write();
      return { outcome: 'accepted', scaleRevision: scale.scaleRevision };
    },
    look: looking.runSoon,
    list: () =>
      new Map(
        [...services].flatMap(([id, { wanted, replicas, isSeen }]) =>
          wanted === null || !isSeen ? [] : [[id, { scale: wanted, replicas }] as const],
        ),
      ),
    repeatReports: () => {
      told.clear();
      tellSoon();
    },
    finished: looking.finished.then(async () => {
      await Promise.all([...services.values()].map((service) => service.idle()));
      await writing;
    }),
  };
}
