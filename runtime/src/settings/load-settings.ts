import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { chooseNearestName } from './choose-nearest-name.ts';
import { environmentName } from './setting-names.ts';
import type { SettingMeta } from './setting-schemas.ts';
import { SettingsError, type SettingProblem } from './settings-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Field {
  readonly key: string;
  readonly name: string;
  readonly meta: SettingMeta;
}

export interface LoadSettingsOptions {
  /** Begins the name of each setting; default `FLOTILLA_`. */
  readonly prefix?: string;
  /** Names with the prefix that belong to other programs and must not be called unknown. */
  readonly foreignNames?: readonly string[];
  readonly logger: { warn: (fields: object, message: string) => void };
}

/**
 * Reads a program's settings from the environment. The field `databaseUrl` is `FLOTILLA_DATABASE_URL` unless its
 * `.meta({ env })` says otherwise; an empty value counts as not set; a secret may be given as NAME_FILE.
 * @throws SettingsError naming every wrong setting at once
 */
export function loadSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Environment,
  { prefix = 'FLOTILLA_', foreignNames = [], logger }: LoadSettingsOptions,
): z.output<z.ZodObject<Shape>> {
  const fields = Object.entries(schema.shape).map(([key, field]) => describeField(key, field as z.ZodType, prefix));
  const problems: SettingProblem[] = [];
  const input: Record<string, string> = {};
  for (const field of fields) {
    const value = readValue(field, env, problems);
    if (value !== undefined) input[field.key] = value;
  }
  const parsed = schema.safeParse(input);
  if (!parsed.success) problems.push(...describeIssues(parsed.error, fields, input, problems));
  warnOfUnknown(fields, env, prefix, foreignNames, logger);
  if (!parsed.success || problems.length > 0) throw new SettingsError(problems);
  return parsed.data;
}

function describeField(key: string, schema: z.ZodType, prefix: string): Field {
  const meta = readMeta(schema);
  return { key, name: meta.env ?? environmentName(key, prefix), meta };
}

/** `.default()` and `.optional()` wrap a schema and hide its meta; what the outer one says wins. */
function readMeta(schema: z.ZodType): SettingMeta {
  const inner = 'innerType' in schema.def ? readMeta(schema.def.innerType as z.ZodType) : {};
  return { ...inner, ...(schema.meta() as SettingMeta | undefined) };
}

function readValue({ name, meta }: Field, env: Environment, problems: SettingProblem[]): string | undefined {
  const value = env[name] || undefined;
  const path = meta.secret === true ? env[`${name}_FILE`] || undefined : undefined;
  if (path === undefined) return value;
  if (value !== undefined) {
    problems.push({ name, problem: `is set twice: as ${name} and as ${name}_FILE`, accepted: 'one of the two' });
    return value;
  }
  try {
    return readFileSync(path, 'utf8').trimEnd() || undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push({ name: `${name}_FILE`, problem: `cannot be read: ${reason}`, accepted: 'a readable file' });
    return undefined;
  }
}

function describeIssues(
  error: z.ZodError,
  fields: readonly Field[],
  input: Readonly<Record<string, string>>,
  known: readonly SettingProblem[],
): SettingProblem[] {
  const problems = error.issues.map((issue): SettingProblem => {
    const field = fields.find(({ key }) => key === issue.path[0]);
    // A check of the whole object, made with `.refine`, has no field of its own.
    if (field === undefined) return { name: 'settings', problem: issue.message, accepted: null };
    const value = input[field.key];
    const problem =
      value === undefined
        ? 'is missing'
        : `${field.meta.secret === true ? '(not shown)' : JSON.stringify(value)} ${issue.message}`;
    return { name: field.name, problem, accepted: field.meta.accepted ?? null };
  });
  // A secret whose file could not be read is reported for that, not for being missing too.
  return problems.filter(({ name }) => !known.some((other) => other.name === `${name}_FILE`));
}

function warnOfUnknown(
  fields: readonly Field[],
  env: Environment,
  prefix: string,
  foreignNames: readonly string[],
  logger: LoadSettingsOptions['logger'],
): void {
  const known = fields.flatMap(({ name, meta }) => (meta.secret === true ? [name, `${name}_FILE`] : [name]));
  for (const name of Object.keys(env)) {
    if (!name.startsWith(prefix) || known.includes(name) || foreignNames.includes(name)) continue;
    const nearest = chooseNearestName(name, known);
    logger.warn(
      { setting: name },
      `${name} is no setting of this program${nearest ? `; did you mean ${nearest}?` : ''}`,
    );
  }
}
