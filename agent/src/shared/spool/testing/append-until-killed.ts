import { writeSync } from 'node:fs';
import { createLogger } from '@flotilla/runtime';
import { Spool } from '../spool.ts';

/**
 * A process to kill: appends for ever, and tells on standard output what is kept. With `early` it tells before that, which
 * is what a writer with a buffer of its own would do.
 */
const [directory = '', mode] = process.argv.slice(2);
const STDOUT = 1;
const PAYLOAD_BYTES = 500;
const logger = createLogger({ name: 'writer', level: 'fatal' });
const spool = new Spool({ directory, agentId: 'agent-1', maxBytes: 2 ** 26, logger });

for (let number = 1; ; number += 1) {
  const payload = Buffer.from(JSON.stringify({ number, text: 'x'.repeat(PAYLOAD_BYTES) }));
  if (mode === 'early') writeSync(STDOUT, `${number}\n`);
  await spool.append(number, payload);
  if (mode !== 'early') writeSync(STDOUT, `${number}\n`);
}
