import type { ChooseNames } from './choose-names.ts';

/** Since the interface was made. */
export interface InterfaceCounters {
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly transmittedBytes: number;
  readonly transmittedPackets: number;
  /** Both directions. */
  readonly errors: number;
  /** Both directions. */
  readonly drops: number;
}

/**
 * `/proc/net/dev` by the interface's name, of one network namespace.
 * @param choose of all interfaces, virtual ones too, those to read: the others may be hundreds
 */
export function parseNetDev(text: string, choose: ChooseNames): Map<string, InterfaceCounters> {
  const columns = new Map<string, string>();
  for (const line of text.split('\n')) {
    // Old kernels put no space after the colon; the two lines of headings have none.
    const colon = line.lastIndexOf(':');
    if (colon >= 0) columns.set(line.slice(0, colon).trim(), line.slice(colon + 1));
  }
  const interfaces = new Map<string, InterfaceCounters>();
  for (const name of choose([...columns.keys()])) {
    const counters = parseCounters(columns.get(name) ?? '');
    if (counters !== null) interfaces.set(name, counters);
  }
  return interfaces;
}

function parseCounters(columns: string): InterfaceCounters | null {
  const counts = columns.trim().split(/ +/).map(Number);
  if (counts.length < 16 || !counts.every((count) => count >= 0)) return null;
  const at = (column: number): number => counts[column] ?? NaN;
  return {
    receivedBytes: at(0),
    receivedPackets: at(1),
    transmittedBytes: at(8),
    transmittedPackets: at(9),
    errors: at(2) + at(10),
    drops: at(3) + at(11),
  };
}
