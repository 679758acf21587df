import { MAX_SERIES_NAME_LENGTH } from '@flotilla/contracts';

/**
 * `host.filesystem./var/lib.usedBytes`: kind, which one, figure. Characters that a series' name cannot have are written as
 * in URLs, so that two names stay two. Null when it is too long to be a name; then it is not sent.
 */
export function formatSeriesName(kind: string, which: string, figure: string): string | null {
  const encoded = which.replaceAll(/[^\x20-\x7e]|%/gu, (character) => encodeURIComponent(character.toWellFormed()));
  const name = `host.${kind}.${encoded}.${figure}`;
  return name.length <= MAX_SERIES_NAME_LENGTH ? name : null;
}
