import {
  MAX_ENTRIES_PER_SUSPECT,
  MAX_SAMPLE_LENGTH,
  MAX_SAMPLES_PER_SUSPECT,
  MAX_SUSPECT_AGENT_LENGTH,
  MAX_SUSPECT_PATH_LENGTH,
  PATH_SKETCH_SIZE,
  type Suspect,
  type SuspectEntry,
  type SuspicionClass,
} from '@flotilla/contracts';
import {
  escapeControl,
  hashText,
  isChallengeAnswer,
  isPage,
  pathOfUri,
  plainPath,
  type AccessRecord,
} from '@flotilla/traffic';

const MAX_METHOD_LENGTH = 32;

/** What one client did since it was told of last. */
export class SuspectTally {
  readonly client: string;
  readonly high: number;
  readonly low: number;
  readonly #entries = new Map<string, SuspectEntry>();
  readonly #others = new Map<SuspicionClass, number>();
  readonly #samples: string[] = [];
  readonly #pages = new Set<number>();
  #hasFetchedChallenge = false;

  /** @param client a key; `high` and `low` are the same in two words */
  constructor(client: string, high: number, low: number) {
    this.client = client;
    this.high = high;
    this.low = low;
  }

  /** It sends fast, whatever it sends. */
  countFast(): void {
    this.#others.set('rate', (this.#others.get('rate') ?? 0) + 1);
  }

  /** @param timeMs by the Core's clock */
  add(record: AccessRecord, classes: readonly SuspicionClass[], timeMs: number): void {
    const path = record.uri === null ? null : pathOfUri(record.uri);
    if (path !== null) this.#notePage(path, record.status);
    if (classes.length === 0) return;
    if (this.#samples.length < MAX_SAMPLES_PER_SUSPECT) this.#samples.push(formatSample(record, timeMs));
    const { serviceId, method, status, userAgent } = record;
    const told = path === null ? null : cut(escapeControl(path), MAX_SUSPECT_PATH_LENGTH);
    const agent = userAgent === null ? null : cut(escapeControl(userAgent), MAX_SUSPECT_AGENT_LENGTH);
    const key = JSON.stringify([serviceId, classes, method, status, told, agent]);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.set(key, {
        ...known,
        count: known.count + 1,
        firstAt: Math.min(known.firstAt, timeMs),
        lastAt: Math.max(known.lastAt, timeMs),
      });
      return;
    }
    if (this.#entries.size >= MAX_ENTRIES_PER_SUSPECT) {
      for (const name of classes) this.#others.set(name, (this.#others.get(name) ?? 0) + 1);
      return;
    }
    const named = method === null ? null : cut(escapeControl(method), MAX_METHOD_LENGTH);
    const times = { count: 1, firstAt: timeMs, lastAt: timeMs };
    this.#entries.set(key, {
      serviceId,
      classes: [...classes],
      method: named,
      status,
      path: told,
      userAgent: agent,
      ...times,
    });
  }

  /** @param requests all that the client sent, these among them */
  tell(requests: number, country: string | null): Suspect {
    return {
      client: this.client,
      entries: [...this.#entries.values()],
      others: Object.fromEntries(this.#others),
      samples: [...this.#samples],
      requests,
      pathHashes: [...this.#pages].sort((left, right) => left - right).slice(0, PATH_SKETCH_SIZE),
      hasFetchedChallenge: this.#hasFetchedChallenge,
      country,
    };
  }

  #notePage(path: string, status: number | null): void {
    if (isChallengeAnswer(path, status)) this.#hasFetchedChallenge = true;
    const plain = plainPath(path);
    if (isPage(plain) && this.#pages.size < 4 * PATH_SKETCH_SIZE) this.#pages.add(hashText(plain));
  }
}

/** For people, as web servers write it: `time address "request" status "referrer" "agent"`. */
function formatSample(record: AccessRecord, timeMs: number): string {
  const { remoteAddress, method, uri, protocol, status, referrer, userAgent } = record;
  const request = method === null ? '-' : [method, uri, protocol].filter((part) => part !== null).join(' ');
  const quoted = [request, referrer ?? '-', userAgent ?? '-'].map(
    (text) => `"${text.replaceAll('"', String.raw`\x22`)}"`,
  );
  const [asked, from, agent] = quoted;
  const time = new Date(timeMs).toISOString();
  return cut(
    escapeControl(`${time} ${remoteAddress ?? '-'} ${asked} ${status ?? '-'} ${from} ${agent}`),
    MAX_SAMPLE_LENGTH,
  );
}

/** Never half a character. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).toWellFormed();
}
