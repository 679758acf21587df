const ID_LENGTH = 36;

interface Entry<Value> {
  readonly bytes: Buffer;
  readonly value: Value;
}

/** Looks up services by the bytes of their ids within a line of the log; nothing is made for it. */
export class ServiceIndex<Value> {
  /** By a hash of the id's last bytes. */
  readonly #entries = new Map<number, Entry<Value>[]>();
  #latest: Entry<Value> | null = null;

  constructor(values: Iterable<readonly [serviceId: string, value: Value]>) {
    for (const [serviceId, value] of values) this.add(serviceId, value);
  }

  /** @param serviceId one that is not there */
  add(serviceId: string, value: Value): void {
    const bytes = Buffer.from(serviceId, 'latin1');
    const hash = hashAt(bytes, 0);
    this.#entries.set(hash, [...(this.#entries.get(hash) ?? []), { bytes, value }]);
  }

  /** @param at where the id begins */
  find(line: Buffer, at: number): Value | null {
    // Requests of one service come together.
    if (this.#latest !== null && isAt(this.#latest.bytes, line, at)) return this.#latest.value;
    const found = this.#entries.get(hashAt(line, at))?.find(({ bytes }) => isAt(bytes, line, at));
    if (found === undefined) return null;
    this.#latest = found;
    return found.value;
  }
}

function isAt(id: Buffer, line: Buffer, at: number): boolean {
  return id.compare(line, at, at + ID_LENGTH) === 0;
}

/** The end of an id is random, its beginning is a time. */
function hashAt(bytes: Uint8Array, at: number): number {
  let hash = 0;
  for (let index = at + ID_LENGTH - 8; index < at + ID_LENGTH; index += 1) {
    hash = (Math.imul(hash, 31) + (bytes[index] ?? 0)) | 0;
  }
  return hash;
}
