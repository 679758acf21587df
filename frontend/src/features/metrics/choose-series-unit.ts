import type { MetricUnit } from '@flotilla/contracts';

/** Names of the series that the agent itself measures: `host.disk.sda.readBytesPerSecond`. */
export const HOST_PREFIX = 'host.';

/** How the last part of such a name ends; the longer endings first. */
const endings: readonly (readonly [ending: string, unit: MetricUnit])[] = [
  ['BytesPerSecond', 'bytesPerSecond'],
  ['PerSecond', 'perSecond'],
  ['Bytes', 'bytes'],
  ['Percent', 'percent'],
  ['celsius', 'celsius'],
];

/** Unit of a series by its name; of an application's own figures nothing is known. */
export function chooseSeriesUnit(name: string): MetricUnit {
  if (!name.startsWith(HOST_PREFIX)) return 'ratio';
  const figure = name.slice(name.lastIndexOf('.') + 1);
  return endings.find(([ending]) => figure.endsWith(ending))?.[1] ?? 'ratio';
}
