import type { MetricUnit } from '@flotilla/contracts';

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;
const STEP = 1024;
const DIGITS = 3;
/** From ten seconds on nobody counts in milliseconds. */
const READABLE_MS = 10_000;

/** A figure as people read it, in their language: `1.46 GB`, `12.5 %`. What is not known is a dash, never 0. */
export function formatMetricValue(value: number | null | undefined, unit: MetricUnit, locale: string): string {
  if (value === null || value === undefined) return '—';
  switch (unit) {
    case 'percent':
      return format(value / 100, locale, { style: 'percent', maximumFractionDigits: value < 10 ? 1 : 0 });
    case 'bytes':
      return formatBytes(value, locale);
    case 'bytesPerSecond':
      return `${formatBytes(value, locale)}/${formatUnitName('second', locale)}`;
    case 'perSecond':
      return `${formatNumber(value, locale)}/${formatUnitName('second', locale)}`;
    case 'seconds':
      return formatSeconds(value, locale);
    case 'milliseconds':
      return value < READABLE_MS ? formatUnit(value, 'millisecond', locale) : formatSeconds(value / 1000, locale);
    case 'celsius':
      return formatUnit(value, 'celsius', locale);
    case 'count':
    case 'ratio':
      return formatNumber(value, locale);
  }
}

function formatBytes(value: number, locale: string): string {
  const power = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log(Math.max(1, value)) / Math.log(STEP))));
  return formatUnit(value / STEP ** power, BYTE_UNITS[power] ?? 'byte', locale);
}

function formatSeconds(value: number, locale: string): string {
  if (value >= 172_800) return formatUnit(Math.floor(value / 86_400), 'day', locale);
  if (value >= 7200) return formatUnit(Math.floor(value / 3600), 'hour', locale);
  if (value >= 120) return formatUnit(Math.floor(value / 60), 'minute', locale);
  return formatUnit(value, 'second', locale);
}

function formatUnit(value: number, unit: string, locale: string): string {
  return format(value, locale, { style: 'unit', unit, unitDisplay: 'short', maximumSignificantDigits: DIGITS });
}

function formatNumber(value: number, locale: string): string {
  return format(value, locale, { maximumSignificantDigits: DIGITS });
}

/** Making a formatter takes a hundred times as long as using it, and a page of charts needs thousands of figures. */
const formatters = new Map<string, Intl.NumberFormat>();

function findFormatter(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(locale, options);
  formatters.set(key, made);
  return made;
}

function format(value: number, locale: string, options: Intl.NumberFormatOptions): string {
  return findFormatter(locale, options).format(value);
}

/** `s`, `с`: the unit's short name alone. */
function formatUnitName(unit: string, locale: string): string {
  const parts = findFormatter(locale, { style: 'unit', unit, unitDisplay: 'narrow' }).formatToParts(1);
  return parts.find(({ type }) => type === 'unit')?.value ?? '';
}
