const ESTABLISHED = '01';

/**
 * Connections to one of the ports that are open in a network namespace.
 * @param table text of /proc/<pid>/net/tcp or tcp6 (Linux: Documentation/networking/proc_net_tcp.rst)
 */
export function parseConnections(table: string, ports: ReadonlySet<number>): number {
  let count = 0;
  for (const line of table.split('\n').slice(1)) {
    const [, local, , state] = line.trim().split(/\s+/, 4);
    const port = Number.parseInt(local?.split(':').at(-1) ?? '', 16);
    if (state === ESTABLISHED && ports.has(port)) count += 1;
  }
  return count;
}
