import { containerMetrics, hostMetrics, type MetricDefinition } from '@flotilla/contracts';

const units: Readonly<Record<string, MetricDefinition>> = { ...hostMetrics, ...containerMetrics };
const LINE_END = '\r\n';
/** What spreadsheets take for the beginning of a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;

type Name = string | Date;

/** What of an answer becomes CSV, before it is written as JSON: the type of an answer allows dates where it has texts. */
export interface Chart {
  readonly times: readonly number[];
  readonly series: readonly {
    readonly subjectName: Name | null;
    readonly metric: Name;
    readonly min: readonly (number | null)[];
    readonly avg: readonly (number | null)[];
    readonly max: readonly (number | null)[];
  }[];
}

/**
 * An answer as CSV (RFC 4180): a line for each time, columns for each line of the chart with its unit; what is not known
 * is empty. Names come from containers and applications, so none of them may become a formula.
 */
export function renderCsv(answer: Chart): string {
  const header = answer.series.flatMap(({ subjectName, metric }) => {
    const unit = units[String(metric)]?.unit;
    const title = [subjectName, metric, unit]
      .filter((part) => part !== null && part !== undefined)
      .map(String)
      .join(' ');
    return ['min', 'avg', 'max'].map((part) => formatText(`${title} ${part}`));
  });
  const lines = answer.times.map((time, index) => [
    new Date(time).toISOString(),
    ...answer.series.flatMap(({ min, avg, max }) => [min, avg, max].map((values) => formatNumber(values[index]))),
  ]);
  return [['time', ...header], ...lines].map((cells) => `${cells.join(',')}${LINE_END}`).join('');
}

function formatNumber(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

function formatText(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
