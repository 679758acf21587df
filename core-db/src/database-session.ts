import type { EntityManager } from 'typeorm';

/**
 * Where a repository's statements run: the pool (`database.manager`) or one transaction (what `inTransaction` hands
 * out). A repository takes it as its first parameter and does not know which of the two it is.
 */
export type DatabaseSession = Pick<
  EntityManager,
  'query' | 'getRepository' | 'createQueryBuilder' | 'insert' | 'update' | 'delete'
>;

/** What `query` gives: rows, but for UPDATE and DELETE a pair of rows and count. */
type QueryAnswer<Row> = Row[] | [rows: Row[], affected: number];

/** The rows that a statement returned, whatever its kind; `query` answers UPDATE and DELETE with `[rows, count]`. */
export async function queryRows<Row extends object>(
  session: DatabaseSession,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const answer = await session.query<QueryAnswer<Row>>(sql, [...parameters]);
  return isPair(answer) ? answer[0] : answer;
}

/** How many rows an UPDATE or DELETE has changed. */
export async function countAffected(
  session: DatabaseSession,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<number> {
  const answer = await session.query<QueryAnswer<object>>(sql, [...parameters]);
  if (!isPair(answer)) throw new Error('only UPDATE and DELETE say how many rows they changed');
  return answer[1];
}

function isPair<Row extends object>(answer: QueryAnswer<Row>): answer is [rows: Row[], affected: number] {
  return Array.isArray(answer[0]);
}
