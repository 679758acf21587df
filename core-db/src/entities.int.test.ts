import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly isNullable: boolean;
  readonly isPrimary: boolean;
}

/** Of all tables but those of the time series, which are read and written by SQL alone. */
const COLUMNS = `
  select c.relname as "table", a.attname as "column", format_type(a.atttypid, null) as type,
    not a.attnotnull as "isNullable", coalesce(a.attnum = any(i.indkey), false) as "isPrimary"
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_index i on i.indrelid = c.oid and i.indisprimary
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'migrations'
    and not c.relispartition and c.relname not like 'metric\\_%' and c.relname not like 'traffic\\_%'`;

/** PostgreSQL's full names of the types that entities use. */
const FULL_TYPE_NAMES: Readonly<Record<string, string>> = { timestamptz: 'timestamp with time zone', int: 'integer' };

describe('entities', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.close());

  it('say of every table what the migrations say', async () => {
    const inDatabase: Column[] = await test.session.query(COLUMNS);
    const inEntities = test.database.entityMetadatas.flatMap(({ tableName, columns }) =>
      columns.map((column): Column => ({
        table: tableName,
        column: column.databaseName,
        type: FULL_TYPE_NAMES[String(column.type)] ?? String(column.type),
        isNullable: column.isNullable,
        isPrimary: column.isPrimary,
      })),
    );
    expect(sorted(inEntities)).toEqual(sorted(inDatabase));
  });
});

function sorted(columns: readonly Column[]): Column[] {
  const key = ({ table, column }: Column) => `${table}.${column}`;
  return columns.toSorted((one, other) => key(one).localeCompare(key(other)));
}
