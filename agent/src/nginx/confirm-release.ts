import { setTimeout as sleep } from 'node:timers/promises';
import { formatComplaints, isBindGivenUp, parseBindPort, parseComplaints } from './parse-nginx-output.ts';
import { readLogSince } from './read-error-log.ts';
import { readServedRelease } from './read-served-release.ts';

const FIRST_STEP_MS = 5;
const LONGEST_STEP_MS = 50;
const BASE_DEADLINE_MS = 5000;
/** nginx reads a site in about 0.1 ms and one with a certificate in about 1 ms. */
const DEADLINE_PER_SITE_MS = 5;

export type Confirmation =
  | { readonly ok: true }
  /** `isFinal`: nginx gave up; else it may still come to serve the release. */
  | { readonly ok: false; readonly words: string; readonly isFinal: boolean };

export interface ConfirmDeps {
  readonly controlSocket: string;
  readonly errorLog: string;
  /** The log's length before nginx was told to reload. */
  readonly logOffset: number;
  readonly siteCount: number;
  /** Called between two looks. */
  readonly onWaiting?: () => Promise<void>;
}

/** Waits until nginx answers that it serves the release, or says in its log why it does not. */
export async function confirmRelease(releaseId: string, deps: ConfirmDeps): Promise<Confirmation> {
  const deadlineMs = BASE_DEADLINE_MS + DEADLINE_PER_SITE_MS * deps.siteCount;
  const endsAt = Date.now() + deadlineMs;
  for (let stepMs = FIRST_STEP_MS; Date.now() < endsAt; stepMs = Math.min(stepMs * 1.3, LONGEST_STEP_MS)) {
    await deps.onWaiting?.();
    if ((await readServedRelease(deps.controlSocket)) === releaseId) return { ok: true };
    const log = await readLogSince(deps.errorLog, deps.logOffset);
    if (isGivenUp(log)) return { ok: false, words: formatComplaints(log), isFinal: true };
    await sleep(stepMs);
  }
  const log = await readLogSince(deps.errorLog, deps.logOffset);
  const said = parseComplaints(log).length > 0 ? `: ${formatComplaints(log)}` : '';
  return { ok: false, words: `nginx does not serve the configuration after ${deadlineMs} ms${said}`, isFinal: false };
}

/** After an emergency nginx drops the new configuration; only binding is tried again, for 2.5 s. */
function isGivenUp(log: string): boolean {
  const complaints = parseComplaints(log).map(({ words }) => words);
  return complaints.some((words) => isBindGivenUp(words) || parseBindPort(words) === null);
}
