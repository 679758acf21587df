/** A time as fields of the type `datetime-local` have it, in the reader's own zone: `2026-03-29T10:00:05`. */
export function formatRangeInput(time: number): string {
  const at = new Date(time);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const day = `${String(at.getFullYear()).padStart(4, '0')}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  return `${day}T${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

/** The reader's time zone as it is at that time: `Europe/Berlin, GMT+2`. */
export function formatTimeZone(time: number, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { timeZoneName: 'shortOffset' });
  const offset = format.formatToParts(time).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const zone = format.resolvedOptions().timeZone;
  return offset === '' || offset === zone ? zone : `${zone}, ${offset}`;
}
