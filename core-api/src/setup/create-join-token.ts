// FLOTILLA_DATABASE_URL=postgres://… node core-api/src/setup/create-join-token.ts [--name AGENT_NAME]
//
// Prints a join token, valid once for ten minutes, for whoever may reach the database: the start script joins this
// machine's own agent with it.
import { parseArgs } from 'node:util';
import { displayName } from '@flotilla/contracts';
import { closeDatabase, inTransaction, insertJoinToken, openDatabase, recordAudit } from '@flotilla/core-db';
import { createLogger, loadSettings, secretSetting } from '@flotilla/runtime';
import { z } from 'zod';
import { makeJoinToken } from '../shared/make-join-token.ts';

const NAME = 'create-join-token';
// Standard output has the token and nothing else.
const logger = createLogger({ name: NAME, destination: { write: (line) => void process.stderr.write(line) } });

async function main(): Promise<string> {
  const { values } = parseArgs({ options: { name: { type: 'string' } } });
  const agentName = values.name === undefined ? null : displayName.parse(values.name);
  const schema = z.object({ databaseUrl: secretSetting('postgres://user:password@host:5432/database') });
  // The environment is that of whoever calls; settings of other programs in it are no mistakes.
  const { databaseUrl } = loadSettings(schema, process.env, { logger: { warn: () => undefined } });
  const database = await openDatabase({ url: databaseUrl, logger, poolSize: 1, applicationName: NAME });
  try {
    const { token, row } = makeJoinToken({ agentName, createdBy: { id: null, name: NAME } }, new Date());
    await inTransaction(database, async (tx) => {
      const { id, expiresAt } = await insertJoinToken(tx, row);
      await recordAudit(tx, {
        action: 'join_token.created',
        actor: { kind: 'system', id: null, name: NAME },
        subject: { kind: 'join_token', id, name: agentName ?? 'any node' },
        clientAddress: null,
        after: { agentName, expiresAt },
      });
    });
    return token;
  } finally {
    await closeDatabase(database);
  }
}

try {
  process.stdout.write(`${await main()}\n`);
} catch (err) {
  logger.fatal({ err }, err instanceof Error ? err.message : 'cannot make a join token');
  process.exitCode = 1;
}
