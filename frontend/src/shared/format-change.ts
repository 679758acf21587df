export interface Change {
  field: string;
  before: string;
  after: string;
}

/** A stored value as a person reads it; `—` for what was not there. */
export function formatValue(value: unknown): string {
  if (value === undefined || value === null || value === '') return '—';
  if (Array.isArray(value) && value.every((entry) => typeof entry !== 'object')) return value.join(', ') || '—';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

/** The fields in which two recorded states differ, by dotted path; lists are compared as wholes. */
export function formatChanges(before: unknown, after: unknown, path = ''): Change[] {
  const mayDescend = isRecord(before) || isRecord(after);
  if (mayDescend && (before ?? null) !== null && !isRecord(before)) return [formatChange(path, before, after)];
  if (mayDescend && (after ?? null) !== null && !isRecord(after)) return [formatChange(path, before, after)];
  if (mayDescend) {
    const [old, current] = [isRecord(before) ? before : {}, isRecord(after) ? after : {}];
    const keys = [...new Set([...Object.keys(old), ...Object.keys(current)])];
    return keys.flatMap((key) => formatChanges(old[key], current[key], path === '' ? key : `${path}.${key}`));
  }
  if (JSON.stringify(before ?? null) === JSON.stringify(after ?? null)) return [];
  return [formatChange(path, before, after)];
}

function formatChange(field: string, before: unknown, after: unknown): Change {
  return { field, before: formatValue(before), after: formatValue(after) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
