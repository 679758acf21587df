const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const COMMON = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/;
const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?:Z|([+-])(\d{2}):?(\d{2}))$/;
const EPOCH = /^\d{9,10}(?:\.\d{1,9})?$/;
const EPOCH_MS = /^\d{12,13}$/;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
/** Kiribati's; nobody is further from UTC. */
const MAX_OFFSET_HOURS = 14;

/** The numbers of a time as it is written, strings of digits. */
interface Written {
  readonly year: string | undefined;
  readonly month: number;
  readonly day: string | undefined;
  readonly hours: string | undefined;
  readonly minutes: string | undefined;
  readonly seconds: string | undefined;
  /** `+`, `-`, or undefined for UTC. */
  readonly sign: string | undefined;
  readonly offsetHours: string | undefined;
  readonly offsetMinutes: string | undefined;
}

/** `10/Oct/2000:13:55:36 -0700`. @returns milliseconds since the epoch; null for what is no time, or a date that is none */
export function parseCommonTime(text: string): number | null {
  const [, day, month = '', year, hours, minutes, seconds, sign, offsetHours, offsetMinutes] = COMMON.exec(text) ?? [];
  return toMs({ year, month: MONTHS.indexOf(month), day, hours, minutes, seconds, sign, offsetHours, offsetMinutes });
}

/**
 * Any of the ways in which JSON logs write a time: ISO 8601 with its offset, seconds or milliseconds since the epoch, or as
 * `combined` does. @returns milliseconds since the epoch; null for what is no time
 */
export function parseAnyTime(text: string): number | null {
  if (EPOCH.test(text)) return Math.round(Number(text) * SECOND_MS);
  if (EPOCH_MS.test(text)) return Number(text);
  const found = ISO.exec(text);
  if (found === null) return parseCommonTime(text);
  const [, year, month, day, hours, minutes, seconds, fraction, sign, offsetHours, offsetMinutes] = found;
  const wholeMs = toMs({
    year,
    month: Number(month) - 1,
    day,
    hours,
    minutes,
    seconds,
    sign,
    offsetHours,
    offsetMinutes,
  });
  return wholeMs === null ? null : wholeMs + Math.floor(Number(`0.${fraction ?? '0'}`) * SECOND_MS);
}

function toMs(written: Written): number | null {
  const { month, sign } = written;
  const [year, day] = [Number(written.year), Number(written.day)];
  const [hours, minutes, seconds] = [Number(written.hours), Number(written.minutes), Number(written.seconds)];
  const [offsetHours, offsetMinutes] = [Number(written.offsetHours ?? 0), Number(written.offsetMinutes ?? 0)];
  const isTime = month >= 0 && month < 12 && day >= 1 && hours < 24 && minutes < 60 && seconds < 60;
  if (!isTime || offsetHours > MAX_OFFSET_HOURS || offsetMinutes >= 60) return null;
  // What a month has no day for comes out as a day of the next one.
  const localMs = Date.UTC(year, month, day, hours, minutes, seconds);
  const local = new Date(localMs);
  if (local.getUTCDate() !== day || local.getUTCFullYear() !== year) return null;
  const offsetMs = (offsetHours * 60 + offsetMinutes) * MINUTE_MS;
  return localMs - (sign === '-' ? -offsetMs : offsetMs);
}
