import { subjects } from '@flotilla/contracts';
import { connect, credsAuthenticator, headers, type MsgHdrs } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buildContainerIds, buildSample } from '../fleet/build-sample.ts';

/** What the benchmark tells this process by its first message. */
export interface PublishPlan {
  readonly agentIds: readonly string[];
  readonly samplesPerAgent: number;
  readonly containersPerAgent: number;
  readonly natsPort: number;
  readonly credsFile: string;
}

/** A round: the newest sample's time, in milliseconds since the epoch. */
export interface RoundPlan {
  readonly newestAt: number;
}

const INTERVAL_MS = 5000;
const WINDOW = 1024;

interface Prepared {
  readonly subject: string;
  readonly headers: MsgHdrs;
  readonly body: Buffer;
}

/** Publishes prepared samples as fast as the stream takes them, so that the workers, not this process, set the pace. */
process.once('message', (plan: PublishPlan) => {
  serve(plan).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));

async function serve(plan: PublishPlan): Promise<void> {
  const bus = await connect({
    servers: `nats://127.0.0.1:${plan.natsPort}`,
    authenticator: credsAuthenticator(await readFile(plan.credsFile)),
  });
  const inbox = `_INBOX.bench.${randomUUID()}`;
  let unanswered = 0;
  let wake = (): void => undefined;
  bus.subscribe(inbox, {
    callback: (_, message) => {
      if (message.string().includes('"error"')) throw new Error(message.string());
      unanswered -= 1;
      wake();
    },
  });
  const untilBelow = async (bound: number): Promise<void> => {
    while (unanswered >= bound) await new Promise<void>((resolve) => (wake = resolve));
  };

  let prepared: Prepared[] = [];
  process.on('message', (message: RoundPlan | 'publish') => {
    if (message !== 'publish') {
      prepared = prepare(plan, message);
      process.send?.('prepared');
      return;
    }
    void (async () => {
      for (const { subject, headers: messageHeaders, body } of prepared) {
        await untilBelow(WINDOW);
        unanswered += 1;
        bus.publish(subject, body, { headers: messageHeaders, reply: inbox });
      }
      await untilBelow(1);
      process.send?.('published');
    })();
  });
  process.send?.('ready');
}

function prepare({ agentIds, samplesPerAgent, containersPerAgent }: PublishPlan, { newestAt }: RoundPlan): Prepared[] {
  const containers = new Map(agentIds.map((id) => [id, buildContainerIds(id, containersPerAgent)]));
  return Array.from({ length: samplesPerAgent }, (_, index) =>
    agentIds.map((id) => {
      const sampledAt = newestAt - (samplesPerAgent - index) * INTERVAL_MS;
      const messageHeaders = headers();
      messageHeaders.set('Nats-Msg-Id', `${id}:${sampledAt}`);
      const body = Buffer.from(JSON.stringify(buildSample(containers.get(id) ?? [], sampledAt)));
      return { subject: subjects.metrics(id), headers: messageHeaders, body };
    }),
  ).flat();
}
