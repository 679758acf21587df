/** One line of `GET /metrics`. */
export interface Figure {
  /** By Prometheus's conventions: `flotilla_<part>_<what>_<unit>`, counters with `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** Null while it is not known: it is left out then. */
  readonly value: number | null;
}

/**
 * Prometheus's text format, version 0.0.4. By hand, because the client library takes 20 MB of resident memory on every
 * host, for a dozen numbers that are counted elsewhere.
 */
export function formatFigures(figures: readonly Figure[]): string {
  return figures
    .filter(({ value }) => value !== null)
    .map(
      ({ name, help, type, value }) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name}{process="agent"} ${value}\n`,
    )
    .join('\n');
}
