import { randomUUID } from 'node:crypto';
import pg from 'pg';

/**
 * Bans of one node straight in the database, because the API takes 1,000 at a time: addresses, every tenth a /24 and every tenth an
 * IPv6 /64.
 * @returns an address that the last of them refuses
 */
export async function writeBans(databaseUrl: string, agentId: string, count: number): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ revision: string }>('select revision from waf_state for update');
    const before = Number(rows[0]?.revision);
    const numbers = Array.from({ length: count }, (_, index) => index);
    await client.query(
      `insert into bans (id, revision, target, agent_id, state, reason, created_at, created_by)
       select id, $3 + number, target, $4, 'active', '{"by": "operator", "comment": ""}', now(), 'bench'
       from unnest($1::uuid[], $2::cidr[]) with ordinality as given (id, target, number)`,
      [numbers.map(() => randomUUID()), numbers.map(targetOf), before, agentId],
    );
    await client.query('update waf_state set revision = $1', [before + count]);
    await client.query('commit');
    return targetOf(count - 1).replace(/\/.*/, '');
  } finally {
    await client.end();
  }
}

/** Times it, no two numbers of 24 bits have the same last 24 bits. */
const ODD = 0x9e3779b1;

/** Each number's own, scattered, so that the tree that nginx makes of them is as deep as it gets. */
function targetOf(index: number): string {
  if (index % 10 === 1) return `2001:db8:${hex(index >> 16)}:${hex(index & 0xffff)}::/64`;
  if (index % 10 === 2) return `${20 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.0/24`;
  const scattered = Math.imul(index, ODD) & 0xffffff;
  return `${120 + (index & 63)}.${scattered >>> 16}.${(scattered >>> 8) & 255}.${scattered & 255}/32`;
}

function hex(value: number): string {
  return value.toString(16);
}
