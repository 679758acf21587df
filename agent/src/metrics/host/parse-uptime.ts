/** Seconds since boot, from `/proc/uptime`, proc_uptime(5). */
export function parseUptime(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?) /.exec(text);
  return match === null ? null : Number(match[1]);
}
