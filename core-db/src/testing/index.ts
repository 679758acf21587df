/** Databases and servers for integration tests, real ones. */
export { PostgresServer } from './postgres-server.ts';
export {
  createEmptyTestDatabase,
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.ts';
