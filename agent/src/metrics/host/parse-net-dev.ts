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

/** `/proc/net/dev` by the interface's name: of one network namespace, virtual interfaces too. */
export function parseNetDev(text: string): Map<string, InterfaceCounters> {
  const interfaces = new Map<string, InterfaceCounters>();
  for (const line of text.split('\n')) {
    // Old kernels put no space after the colon; the two lines of headings have none.
    const colon = line.lastIndexOf(':');
    if (colon < 0) continue;
    const columns = line
      .slice(colon + 1)
      .trim()
      .split(/ +/)
      .map(Number);
    if (columns.length < 16 || !columns.every((count) => count >= 0)) continue;
    const at = (column: number): number => columns[column] ?? NaN;
    interfaces.set(line.slice(0, colon).trim(), {
      receivedBytes: at(0),
      receivedPackets: at(1),
      transmittedBytes: at(8),
      transmittedPackets: at(9),
      errors: at(2) + at(10),
      drops: at(3) + at(11),
    });
  }
  return interfaces;
}
