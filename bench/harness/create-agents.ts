import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';

/**
 * Registers agents straight in the database, because joining is rate limited. Their applied revision is the desired one,
 * so that their heartbeats are those of a fleet at rest.
 * @returns their ids and API keys
 */
export async function createAgents(
  databaseUrl: string,
  count: number,
  revision: string,
): Promise<{ readonly id: string; readonly key: string }[]> {
  const agents = Array.from({ length: count }, (_, index) => {
    const id = randomUUID();
    return {
      id,
      name: `simulated-${index}`,
      key: `flk_${id.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`,
    };
  });
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `insert into agents (id, name, api_key_hash, version, desired_revision, applied_revision)
       select *, '0.1.0', $4::text, $4::text from unnest($1::uuid[], $2::text[], $3::text[])`,
      [
        agents.map(({ id }) => id),
        agents.map(({ name }) => name),
        agents.map(({ key }) => createHash('sha256').update(key).digest('hex')),
        revision,
      ],
    );
  } finally {
    await client.end();
  }
  return agents.map(({ id, key }) => ({ id, key }));
}
