import { subjects, workerReport, type WorkerReport } from '@flotilla/contracts';
import type { BusConnection } from '@flotilla/runtime';

/** A process that has said nothing for this long is gone: reports come every 5 s. */
const FORGET_AFTER_MS = 20_000;
/** More processes than this are not listed. */
const MAX_WORKERS = 200;
const MAX_REPORT_BYTES = 65_536;

/** What worker processes have told lately; each core-api process hears all of them. */
export class WorkerReports {
  readonly #now: () => Date;
  readonly #reports = new Map<string, { readonly report: WorkerReport; readonly heardAtMs: number }>();
  readonly #heard = new WeakSet<BusConnection>();

  constructor({ now }: { readonly now: () => Date }) {
    this.#now = now;
  }

  /** Hears the reports of a connection, which keeps doing so when it reconnects. Saying it again changes nothing. */
  listen(bus: BusConnection): void {
    if (this.#heard.has(bus)) return;
    this.#heard.add(bus);
    bus.nats.subscribe(subjects.allWorkerReports, {
      callback: (_error, message) => {
        if (message.data.length <= MAX_REPORT_BYTES) this.#note(message.data);
      },
    });
  }

  /** Processes that have reported within the last 20 s, the longest running first. */
  list(): WorkerReport[] {
    this.#forgetSilent();
    return [...this.#reports.values()]
      .map(({ report }) => report)
      .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  #note(body: Uint8Array): void {
    const parsed = workerReport.safeParse(parseJson(body));
    // Only the Core's own processes may publish here; one of another version may say something else, and is left out.
    if (!parsed.success) return;
    this.#reports.delete(parsed.data.workerId);
    this.#reports.set(parsed.data.workerId, { report: parsed.data, heardAtMs: this.#now().getTime() });
    if (this.#reports.size > MAX_WORKERS) this.#forgetSilent();
    for (const oldest of this.#reports.keys()) {
      if (this.#reports.size <= MAX_WORKERS) break;
      this.#reports.delete(oldest);
    }
  }

  #forgetSilent(): void {
    const earliestMs = this.#now().getTime() - FORGET_AFTER_MS;
    for (const [id, { heardAtMs }] of this.#reports) if (heardAtMs < earliestMs) this.#reports.delete(id);
  }
}

/** Null for what is not JSON: no report. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
}
