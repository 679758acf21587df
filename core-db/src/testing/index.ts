/** Databases and servers for integration tests, real ones. */
export { insertTestAgent, insertTestTask } from './fixtures.ts';
export { PostgresServer } from './postgres-server.ts';
export {
  createEmptyTestDatabase,
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.ts';
