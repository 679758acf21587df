import type { Pipeline } from '@flotilla/contracts';
import { expect, it } from 'vitest';
import { decidePipelineHealth } from './decide-pipeline-health.ts';

const worker = {
  workerId: '01890a5d-ac96-774b-bcce-b302099a8057',
  host: 'h',
  pid: 1,
  startedAt: '2026-01-01T00:00:00Z',
  at: '2026-01-01T00:00:00Z',
  roles: ['ingestion'],
  memoryBytes: 1,
  cpuPercent: 1,
  consumers: [],
};
const consumer = { name: 'c', waiting: 3, inFlight: 0, redelivered: 0, lostUnread: null as number | null };
const stream = { name: 'S', messages: 1, bytes: 1, maxBytes: 10, oldestAt: null, newestAt: null };
const spool = {
  agentId: worker.workerId,
  agentName: 'a',
  sampledAt: worker.at,
  spoolBytes: 5,
  droppedSamples: 0,
  clockOffsetMs: 0,
};

function build(change: Partial<Pipeline> = {}): Pipeline {
  return {
    streams: [{ ...stream, consumers: [consumer] }],
    busProblem: null,
    workers: [worker],
    spools: [spool],
    storage: { kind: 'native', tables: [], waitingRollups: 12 },
    ...change,
  };
}
const withConsumer = (change: Partial<typeof consumer>) =>
  build({ streams: [{ ...stream, consumers: [{ ...consumer, ...change }] }] });

it.each<[string, Pipeline, string[]]>([
  ['a pipeline that flows', build(), ['well']],
  ['no bus, of whose workers nothing is known', build({ streams: null, busProblem: 'x', workers: [] }), ['busAway']],
  ['nobody who stores', build({ workers: [{ ...worker, roles: ['maintenance'] }] }), ['noIngestion']],
  ['a consumer that is behind', withConsumer({ waiting: 50_000 }), ['behind']],
  ['samples that nobody has read', withConsumer({ lostUnread: 7 }), ['lost']],
  ['a node that had to drop', build({ spools: [{ ...spool, droppedSamples: 4 }] }), ['dropped']],
  ['rollups that wait', build({ storage: { kind: 'native', tables: [], waitingRollups: 90_000 } }), ['rollupsWait']],
])('says of %s: %j', (_, pipeline, texts) => {
  expect(decidePipelineHealth(pipeline).map(({ text }) => text)).toEqual(texts);
});
