import { repositoryRoot } from '@flotilla/e2e/harness';
import { findFreePorts } from '@flotilla/runtime/testing';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startChild } from '../harness/child.ts';

const MAIN = join(repositoryRoot, 'core-workers', 'src', 'main.ts');
/** As `npm run up` starts it (scripts/up/processes.mjs). */
const FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=20'];
const START_BOUND_MS = 30_000;
const POLL_MS = 50;
/** A worker that has evaluated nothing for so long, while nothing is told, has read all that there was. */
const IDLE_AFTER_MS = 1500;
const IDLE_BOUND_MS = 120_000;

/** A real core-workers process that scales and does nothing else. */
export interface ScalingWorker {
  readonly pid: number;
  /** Services that it has evaluated since its start. */
  readonly readEvaluated: () => Promise<number>;
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts a worker and waits until it is ready. */
export async function startScalingWorker(databaseUrl: string, natsUrl: string): Promise<ScalingWorker> {
  const [port = 0] = await findFreePorts(1);
  const child = startChild(process.execPath, [...FLAGS, MAIN], {
    FLOTILLA_DATABASE_URL: databaseUrl,
    FLOTILLA_NATS_URL: natsUrl,
    FLOTILLA_HEALTH_PORT: String(port),
    WORKER_ROLES: 'scaling',
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_BOUND_MS;
  while (!(await isReady(url))) {
    if (child.process.exitCode !== null || Date.now() > deadline) throw new Error('the worker did not get ready');
    await delay(POLL_MS);
  }
  return {
    pid: child.process.pid ?? 0,
    readEvaluated: () => readEvaluated(url),
    kill: async () => {
      child.process.kill('SIGKILL');
      await child.stop();
    },
    stop: child.stop,
  };
}

/** Waits until a worker has read what was told before it took its partitions. */
export async function untilIdle({ readEvaluated: read }: ScalingWorker): Promise<void> {
  const endsAt = Date.now() + IDLE_BOUND_MS;
  for (let before = -1, now = await read(); now !== before; before = now, now = await read()) {
    if (Date.now() > endsAt) throw new Error(`the worker still reads after ${IDLE_BOUND_MS} ms`);
    await delay(IDLE_AFTER_MS);
  }
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health/ready`).catch(() => null);
  return answer?.status === 200;
}

async function readEvaluated(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = /^flotilla_consumer_rows_total\{[^}]*stream="LOAD"[^}]*\} (\d+)/m.exec(text);
  return Number(line?.[1] ?? 0);
}
