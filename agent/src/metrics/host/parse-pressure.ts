/**
 * `some avg10` of a file in `/proc/pressure`: the share of the last 10 seconds, in percent, in which at least one task
 * waited for the resource. https://docs.kernel.org/accounting/psi.html
 */
export function parsePressure(text: string): number | null {
  const match = /^some avg10=(\d+(?:\.\d+)?) /m.exec(text);
  return match === null ? null : Number(match[1]);
}
