import { z } from 'zod';

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** The first stands for `min`, the next for one more, and so on. */
  readonly names: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const DAY_OF_MONTH: Field = { name: 'day of month', min: 1, max: 31, names: [] };
const MONTH: Field = { name: 'month', min: 1, max: 12, names: MONTHS };
const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  DAY_OF_MONTH,
  MONTH,
  // 7 is Sunday as well.
  { name: 'day of week', min: 0, max: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
];

/** A value or a name, a range of them, or all; a range or all with a step. */
const ITEM = /^(?:(?<all>\*)|(?<from>\w{1,3})(?:-(?<to>\w{1,3}))?)(?:\/(?<step>\d{1,2}))?$/;

/**
 * A cron expression of five fields: minute, hour, day of month, month and day of week. `*`, values, names (`JAN`, `MON`), ranges, steps
 * and lists of them; no seconds, no `@daily`, no `L`, `W`, `#` or `?`. As in every cron, a day counts when it fits one of both day
 * fields, if both name days. An expression that never comes (30 February) is refused.
 */
export const cronExpression = z
  .string()
  .trim()
  .max(100, 'must have at most 100 characters')
  .superRefine((text, context) => {
    const problem = findProblem(text.split(/\s+/));
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });

function findProblem(fields: readonly string[]): string | null {
  if (fields.length !== FIELDS.length) {
    return 'must have five fields: minute, hour, day of month, month and day of week';
  }
  const wrong = FIELDS.find((field, index) => listValues(fields[index] ?? '', field) === null);
  if (wrong !== undefined)
    return `has a wrong ${wrong.name} (${wrong.min} to ${wrong.max}, such as 5, 1-5, 1,3 or */2)`;
  const [, , dayOfMonth = '', month = '', dayOfWeek] = fields;
  const firstDay = Math.min(...(listValues(dayOfMonth, DAY_OF_MONTH) ?? []));
  const longest = Math.max(...(listValues(month, MONTH) ?? []).map((number) => LONGEST_MONTHS[number - 1] ?? 0));
  return dayOfWeek === '*' && firstDay > longest ? 'never comes: its months have no such day' : null;
}

/** The values that a field stands for; null when it is wrong. */
function listValues(text: string, field: Field): number[] | null {
  const values = text.split(',').map((item) => listItem(item, field));
  return values.some((list) => list === null) ? null : values.flatMap((list) => list ?? []);
}

function listItem(item: string, field: Field): number[] | null {
  const { all, from, to, step } = ITEM.exec(item)?.groups ?? {};
  if (all === undefined && from === undefined) return null;
  const size = Number(step ?? 1);
  if (size < 1 || size > field.max) return null;
  // `5/10` means one thing in one cron and another in the next.
  if (step !== undefined && all === undefined && to === undefined) return null;
  const first = from === undefined ? field.min : readValue(from, field);
  const last = from === undefined ? field.max : to === undefined ? first : readValue(to, field);
  if (first === null || last === null || first > last) return null;
  return Array.from({ length: Math.floor((last - first) / size) + 1 }, (_, index) => first + index * size);
}

function readValue(text: string, { min, max, names }: Field): number | null {
  const named = names.indexOf(text.toUpperCase());
  const value = named === -1 ? (/^\d{1,2}$/.test(text) ? Number(text) : Number.NaN) : min + named;
  return value >= min && value <= max ? value : null;
}
