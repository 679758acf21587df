/**
 * Orders by code units, the same on every host. `localeCompare` would load ICU's collation, 3 MB of resident memory.
 * @returns below 0 when `a` comes first, 0 when they are the same
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
