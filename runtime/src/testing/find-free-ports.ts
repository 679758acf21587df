import { chooseFreePort } from '../../../scripts/up/ports.mjs';

/** Free ports that differ, and that no outgoing connection gets. Another server may still take one before its use. */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await chooseFreePort(undefined, ports));
  return ports;
}
