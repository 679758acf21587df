import type { Logger } from '@flotilla/runtime';
import { createMemoryLog } from '../../../testing/memory-log.ts';
import { Spool, type SpooledMessage, type SpoolOptions } from '../spool.ts';

const MEBIBYTE = 2 ** 20;

export function openSpool(directory: string, options: Partial<SpoolOptions> & { logger?: Logger } = {}): Spool {
  return new Spool({
    directory,
    agentId: 'agent-1',
    maxBytes: 16 * MEBIBYTE,
    logger: createMemoryLog().logger,
    ...options,
  });
}

export function buildPayload(number: number, bytes = 0): Buffer {
  return Buffer.from(JSON.stringify({ number, ...(bytes > 0 ? { text: 'x'.repeat(bytes) } : {}) }));
}

export function numberOf({ payload }: Pick<SpooledMessage, 'payload'>): number {
  return (JSON.parse(Buffer.from(payload).toString()) as { number: number }).number;
}

/** Everything that can be read now. */
export async function readAll(spool: Spool): Promise<SpooledMessage[]> {
  const all: SpooledMessage[] = [];
  for (;;) {
    const messages = await spool.read({ messages: 100, bytes: MEBIBYTE });
    if (messages.length === 0) return all;
    all.push(...messages);
  }
}
