import { MAX_SERIES_NAME_LENGTH } from '@flotilla/contracts';

/** Series of the host itself begin so. */
const RESERVED_PREFIX = 'host.';

/**
 * An application's name for a figure as the contracts take it (`seriesName`): printable ASCII that begins with a letter or
 * `_`, everything else as `\u00e9`. One that looks like the host's gets `_` in front.
 * @returns null for one that is too long: cut, it could be another's name
 */
export function formatCustomName(name: string): string | null {
  if (name.length > MAX_SERIES_NAME_LENGTH) return null;
  const printable = name.replaceAll(/[^\x20-\x7e]/g, escapeUnit);
  const begun = /^[a-zA-Z_]/.test(printable) && !printable.startsWith(RESERVED_PREFIX) ? printable : `_${printable}`;
  return begun.length > MAX_SERIES_NAME_LENGTH ? null : begun;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
