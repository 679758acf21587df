export interface ListedChange {
  /** Dotted path. */
  readonly field: string;
  /** JSON, or null for what was not there. */
  readonly before: string | null;
  readonly after: string | null;
}

/** The fields in which two recorded states differ. Lists are compared as wholes. */
export function listChanges(before: unknown, after: unknown, path = ''): ListedChange[] {
  if (isRecord(before) || isRecord(after)) {
    const [left, right] = [isRecord(before) ? before : {}, isRecord(after) ? after : {}];
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return keys.flatMap((key) => listChanges(left[key], right[key], path === '' ? key : `${path}.${key}`));
  }
  const [left, right] = [formatValue(before), formatValue(after)];
  return left === right ? [] : [{ field: path, before: left, after: right }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function formatValue(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
