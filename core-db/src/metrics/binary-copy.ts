const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const FIRST_BYTES = 65_536;
const LARGEST_SPARE_BYTES = 2 * 2 ** 20;
const NOTHING = Buffer.alloc(0);
/** 2000-01-01, which PostgreSQL counts from. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
const MICROSECONDS = 1000;
const TWO_32 = 2 ** 32;
const NULL_LENGTH = -1;

/** Memory of copies that were sent, for those that come: a batch takes megabytes, and there are several in a second. */
const spares: Buffer[] = [];
/** Two batches at once have a buffer of each of the three tables. */
const MOST_SPARES = 6;

/**
 * Rows in PostgreSQL's binary COPY format (documentation of COPY, "Binary Format"), in one growing buffer. Fields are
 * written in the order of the columns; nothing checks that there are as many as `beginRow` was told.
 */
export class BinaryCopy {
  #bytes = spares.pop() ?? Buffer.allocUnsafe(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  #length = 0;
  #rows = 0;

  constructor() {
    SIGNATURE.copy(this.#bytes);
    this.#view.setInt32(SIGNATURE.length, 0);
    this.#view.setInt32(SIGNATURE.length + 4, 0);
    this.#length = SIGNATURE.length + 8;
  }

  get rows(): number {
    return this.#rows;
  }

  beginRow(fields: number): void {
    // The widest field is a uuid, with its length.
    this.#reserve(2 + fields * 20);
    this.#view.setInt16(this.#length, fields);
    this.#length += 2;
    this.#rows += 1;
  }

  /** @param bytes the 16 bytes */
  uuid(bytes: Buffer): void {
    this.#view.setInt32(this.#length, 16);
    bytes.copy(this.#bytes, this.#length + 4, 0, 16);
    this.#length += 20;
  }

  int(value: number | null): void {
    if (value === null) return this.#null();
    this.#view.setInt32(this.#length, 4);
    this.#view.setInt32(this.#length + 4, value);
    this.#length += 8;
  }

  /** @param atMs whole milliseconds since 1970 */
  timestamp(atMs: number): void {
    const microseconds = (atMs - POSTGRES_EPOCH_MS) * MICROSECONDS;
    this.#view.setInt32(this.#length, 8);
    this.#view.setInt32(this.#length + 4, Math.floor(microseconds / TWO_32));
    this.#view.setUint32(this.#length + 8, microseconds % TWO_32);
    this.#length += 12;
  }

  /** @param value NaN is written as null */
  real(value: number): void {
    if (Number.isNaN(value)) return this.#null();
    this.#view.setInt32(this.#length, 4);
    this.#view.setFloat32(this.#length + 4, value);
    this.#length += 8;
  }

  /** @param value NaN is written as null */
  double(value: number): void {
    if (Number.isNaN(value)) return this.#null();
    this.#view.setInt32(this.#length, 8);
    this.#view.setFloat64(this.#length + 4, value);
    this.#length += 12;
  }

  /** The whole COPY, with its trailer; nothing can be added afterwards. */
  finish(): Buffer {
    this.#reserve(2);
    this.#view.setInt16(this.#length, -1);
    this.#length += 2;
    return this.#bytes.subarray(0, this.#length);
  }

  /** Gives the memory back: what `finish` returned must not be in use any more, and this not be used again. */
  release(): void {
    if (spares.length < MOST_SPARES && this.#bytes.length <= LARGEST_SPARE_BYTES) spares.push(this.#bytes);
    this.#bytes = NOTHING;
  }

  #null(): void {
    this.#view.setInt32(this.#length, NULL_LENGTH);
    this.#length += 4;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
