import { queryRows, type DatabaseSession } from '../database-session.ts';

/** The query of a list, as the contracts' `listQuery` parses it. */
export interface PageQuery {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly sort: string;
  readonly order: 'asc' | 'desc';
  readonly search?: string | undefined;
}

export interface PageSource {
  /** SQL; nothing that a caller sent goes in here or in `from`. */
  readonly columns: string;
  readonly from: string;
  /** Condition with one `?`, and its value; a condition whose value is undefined is left out. */
  readonly where?: readonly (readonly [condition: string, value: unknown])[];
  /** Columns of which one has to contain the search text, in any case. */
  readonly searched: readonly string[];
  /**
   * Column or expression of each name that a caller may sort by. PostgreSQL puts nulls last, descending first; where
   * that is wrong, `coalesce`. (`nulls last` here would keep descending lists from using their indexes.)
   */
  readonly sortable: Readonly<Record<string, string>>;
  /** Column that orders equals, so that pages do not overlap; default `id`. */
  readonly tieBreaker?: string;
  readonly query: PageQuery;
}

export interface SelectedPage<Row> {
  readonly items: Row[];
  /** Rows on all pages. */
  readonly total: number;
}

/** Reads one page of a list and counts all of it. */
export async function selectPage<Row extends object>(
  db: DatabaseSession,
  source: PageSource,
): Promise<SelectedPage<Row>> {
  const { columns, from, sortable, query, tieBreaker = 'id' } = source;
  const sortColumn = sortable[query.sort];
  if (sortColumn === undefined) throw new Error(`no list is sorted by ${query.sort}`);
  const { where, values } = renderConditions(source);
  const items = await queryRows<Row>(
    db,
    `select ${columns} from ${from} ${where} order by ${sortColumn} ${query.order}, ${tieBreaker}
     limit $${values.length + 1} offset $${values.length + 2}`,
    [...values, query.pageSize, (query.page - 1) * query.pageSize],
  );
  const counted = await queryRows<{ total: number }>(db, `select count(*)::int as total from ${from} ${where}`, values);
  return { items, total: counted[0]?.total ?? 0 };
}

function renderConditions({ where = [], searched, query }: PageSource): { where: string; values: unknown[] } {
  const values: unknown[] = [];
  const conditions = where
    .filter(([, value]) => value !== undefined)
    .map(([condition, value]) => condition.replace('?', `$${values.push(value)}`));
  if (query.search !== undefined && query.search !== '') {
    const placeholder = `$${values.push(`%${escapeLike(query.search)}%`)}`;
    conditions.push(`(${searched.map((column) => `${column} ilike ${placeholder}`).join(' or ')})`);
  }
  return { where: conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`, values };
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
