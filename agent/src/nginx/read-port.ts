import { createServer } from 'node:net';

/** Whether a TCP port could be listened on right now. @param address null for all */
export function isPortFree(address: string | null, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, ...(address === null ? {} : { host: address }), exclusive: true }, () => {
      probe.close(() => resolve(true));
    });
  });
}
