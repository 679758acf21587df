import type { SettingsChange } from '@flotilla/contracts';

/**
 * The fields in which two states differ, by dotted path. Lists are compared as wholes: a domain that was added in front
 * is one change and not a change of every place.
 */
export function planSettingsDiff(before: unknown, after: unknown, path = ''): SettingsChange[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
    return keys.flatMap((key) => planSettingsDiff(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ field: path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
