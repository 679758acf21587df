import type { ClientBase, Connection, Submittable } from 'pg';

/** Messages of the protocol (PostgreSQL documentation, "Message Formats"): their first byte. */
const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
const LENGTH_BYTES = 4;

/** What pg calls on a query that it runs, beyond its types; of a socket no more than is needed. */
interface CopyConnection {
  readonly stream: { readonly write: (bytes: Buffer) => boolean };
}

/**
 * Sends rows in the binary format as one COPY; afterwards they are in the table, as far as the transaction commits. By
 * hand: pg-copy-streams goes on writing after the server's refusal, on a connection that it has given back by then.
 * @param target table with columns
 * @returns how many rows were taken
 * @throws pg's errors
 */
export async function copyRows(client: ClientBase, target: string, rows: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    client.query(new CopyQuery(`copy ${target} from stdin with (format binary)`, rows, resolve, reject));
  });
}

/** One COPY, as pg's client runs it: it hands on the server's answers while this is the active query. */
class CopyQuery implements Submittable {
  readonly #text: string;
  readonly #rows: Buffer;
  readonly #resolve: (rows: number) => void;
  readonly #reject: (error: Error) => void;
  #taken = 0;

  constructor(text: string, rows: Buffer, resolve: (rows: number) => void, reject: (error: Error) => void) {
    this.#text = text;
    this.#rows = rows;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }

  /** All at once: the rows are in memory anyway, and a server that has refused some ignores the rest. */
  handleCopyInResponse({ stream }: CopyConnection): void {
    const head = Buffer.alloc(1 + LENGTH_BYTES);
    head.writeUInt8(COPY_DATA);
    head.writeUInt32BE(LENGTH_BYTES + this.#rows.length, 1);
    stream.write(head);
    stream.write(this.#rows);
    stream.write(COPY_DONE);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#taken = Number(/^COPY (\d+)$/.exec(text)?.[1] ?? 0);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#taken);
  }

  handleError(error: Error): void {
    this.#reject(error);
  }
}
