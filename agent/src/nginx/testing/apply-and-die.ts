import { readFileSync } from 'node:fs';
import { desiredState } from '@flotilla/contracts';
import { z } from 'zod';
import { createLogger } from '@flotilla/runtime';
import { createProxy } from '../create-proxy.ts';

/**
 * A process that applies a desired state and is killed right after one of the steps:
 * `node apply-and-die.ts <job file>`.
 */
const job = z
  .object({
    directory: z.string(),
    httpPort: z.number(),
    httpsPort: z.number(),
    desired: desiredState,
    diesAfter: z.string(),
  })
  .parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));

let isApplying = false;
const proxy = createProxy({
  settings: {
    directory: job.directory,
    mode: { kind: 'process', binary: 'nginx' },
    listenAddress: '127.0.0.1',
    httpPort: job.httpPort,
    httpsPort: job.httpsPort,
  },
  logger: createLogger({ name: 'agent', level: 'fatal' }),
  resolveContainer: () => ({ state: 'unknown', reason: 'no Docker' }),
  readCertificate: () => Promise.resolve(null),
  readErrorPage: () => Promise.resolve(null),
  onSitesRendered: () => undefined,
  onResult: () => undefined,
  onStatus: () => undefined,
  onStep: (step) => {
    if (isApplying && step === job.diesAfter) process.kill(process.pid, 'SIGKILL');
  },
});
await proxy.start();
isApplying = true;
await proxy.apply(job.desired);
await proxy.stop({ leaveServing: true });
