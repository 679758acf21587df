import type { Logger } from '@flotilla/runtime';
import { confirmRelease, type Confirmation } from './confirm-release.ts';
import { NginxUnavailableError, type NginxDriver } from './drivers/driver.ts';
import { handOver, waitForWorkers } from './hand-over.ts';
import type { Layout } from './layout.ts';
import { formatComplaints } from './parse-nginx-output.ts';
import type { ApplyStep } from './proxy.ts';
import { readLogLength } from './read-error-log.ts';
import { readServedRelease } from './read-served-release.ts';
import type { ReleaseRecord } from './releases/release.ts';
import type { ReleasesRepository } from './releases/releases.repository.ts';

export interface ActivationDeps {
  readonly driver: NginxDriver;
  readonly releases: ReleasesRepository;
  readonly layout: Layout;
  readonly controlSocket: string;
  readonly workerCount: number;
  readonly logger: Logger;
  readonly onStep: (step: ApplyStep) => void | Promise<void>;
}

export type Activation = { readonly ok: true } | { readonly ok: false; readonly words: string };

/**
 * Puts a tested release in place: `current` swapped, nginx reloaded or started, its answer awaited. When nginx does not
 * come to serve it, `current` is `previous` again, so that a restart of nginx works.
 */
export async function applyRelease(
  next: ReleaseRecord,
  previous: ReleaseRecord | null,
  deps: ActivationDeps,
): Promise<Activation> {
  const { driver, releases, controlSocket, onStep } = deps;
  await releases.point('current', next.id);
  await onStep('swapped');
  const isRunning = await driver.isRunning();
  const confirmation = await orUnavailable(isRunning ? reloadWith(next, deps) : startWith(next, deps));

  // nginx may come to serve it after its first complaints: a port became free while it tried again.
  if (confirmation.ok || (await readServedRelease(controlSocket)) === next.id) {
    await onStep('confirmed');
    await releases.point('lastGood', next.id);
    await onStep('recorded');
    return { ok: true };
  }
  if (previous !== null) {
    await releases.point('current', previous.id);
    if (!confirmation.isFinal && isRunning) await orUnavailable(reloadWith(previous, deps));
  }
  return { ok: false, words: confirmation.words };
}

async function orUnavailable(confirming: Promise<Confirmation>): Promise<Confirmation> {
  try {
    return await confirming;
  } catch (error) {
    if (error instanceof NginxUnavailableError) return { ok: false, words: error.message, isFinal: true };
    throw error;
  }
}

async function startWith(release: ReleaseRecord, deps: ActivationDeps): Promise<Confirmation> {
  const logOffset = await readLogLength(deps.layout.errorLog);
  const { ok, output } = await deps.driver.start();
  await deps.onStep('reloaded');
  if (!ok) return { ok: false, words: formatComplaints(output), isFinal: true };
  const confirmation = await confirmRelease(release.id, confirmDeps(release, logOffset, deps));
  if (confirmation.ok) await waitForWorkers(deps);
  return confirmation;
}

async function reloadWith(release: ReleaseRecord, deps: ActivationDeps): Promise<Confirmation> {
  const logOffset = await readLogLength(deps.layout.errorLog);
  const handover = await handOver(deps);
  await deps.driver.reload();
  await deps.onStep('reloaded');
  const confirmation = await confirmRelease(release.id, {
    ...confirmDeps(release, logOffset, deps),
    onWaiting: handover.advance,
  });
  if (confirmation.ok) await handover.finish();
  return confirmation;
}

function confirmDeps(release: ReleaseRecord, logOffset: number, { layout, controlSocket }: ActivationDeps) {
  return { controlSocket, errorLog: layout.errorLog, logOffset, siteCount: release.servedSites.length };
}
