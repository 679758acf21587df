import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METRICS_STREAM, subjects } from '@flotilla/contracts';
import { connectBus, ensureStreams } from '@flotilla/runtime';
import { NatsServer } from '@flotilla/runtime/testing';
import { expect, it } from 'vitest';
import { createMemoryLog } from '../../testing/memory-log.ts';
import { waitUntil } from '../../testing/wait-until.ts';
import { buildPayload, openSpool } from '../spool/testing/open-spool.ts';
import { Publisher } from './publisher.ts';

const MESSAGES = 20_000;
/** A host with some twenty containers. */
const MESSAGE_BYTES = 2000;

it('a spool is written, opened and sent at some thousand messages a second', async () => {
  const { logger } = createMemoryLog();
  const directory = await mkdtemp(join(tmpdir(), 'flotilla-spool-'));
  const server = await NatsServer.create();
  await server.start();
  const bus = await connectBus({ servers: [server.url], name: 'test', logger });
  await ensureStreams(bus, [METRICS_STREAM]);

  const before = openSpool(directory, { maxBytes: 2 ** 28 });
  const payload = buildPayload(1, MESSAGE_BYTES);
  const appendMs = await timeMs(async () => {
    for (let sampledAt = 1; sampledAt <= MESSAGES; sampledAt += 1) await before.append(sampledAt, payload);
  });
  await before.close();
  const spool = openSpool(directory, { maxBytes: 2 ** 28 });
  const openMs = await timeMs(() => spool.open());
  const publisher = new Publisher({ spool, subject: subjects.metrics(randomUUID()), inboxPrefix: '_INBOX', logger });
  const sendMs = await timeMs(async () => {
    publisher.setConnection(bus.nats);
    await waitUntil('an empty spool', () => spool.stats.waiting?.messages === 0);
  });
  process.stdout.write(
    `spool, messages of ${MESSAGE_BYTES} bytes: ${perSecond(appendMs)} written and ${perSecond(sendMs)} sent a second, ` +
      `${MESSAGES} checked at the start in ${Math.round(openMs)} ms\n`,
  );
  expect(publisher.stats).toMatchObject({ acknowledged: MESSAGES, resent: 0 });
  expect(perSecond(appendMs)).toBeGreaterThan(1000);
  expect(perSecond(sendMs)).toBeGreaterThan(2000);

  await publisher.close();
  await spool.close();
  await bus.close();
  await server.destroy();
  await rm(directory, { recursive: true });
});

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function perSecond(ms: number): number {
  return Math.round((MESSAGES / ms) * 1000);
}
