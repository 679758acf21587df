import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertTestAgent } from '../testing/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { createMetricsWriter } from './metrics-writer.ts';
import { buildAgentSample } from './sample.fixture.ts';

const nothing = { rows: 0, duplicates: 0, unknownAgents: 0, tooOld: 0, tooNew: 0, refusedValues: 0 };

describe('createMetricsWriter', () => {
  let test: TestDatabase;
  let agentId: string;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    agentId = await insertTestAgent(test.session);
  });

  it('stores host, containers and series, and the same again as duplicates', async () => {
    const writer = createMetricsWriter(test.database);
    const samples = [0, 1, 2].map((index) =>
      buildAgentSample({
        agentId,
        sampledAt: Date.now() - index * 5000,
        containers: { 1: 5, 2: 6 },
        series: [{ containerId: null, name: 'host.core.0.cpuPercent', value: 3 }],
      }),
    );
    expect(await writer.write(samples)).toEqual({ ...nothing, rows: 12 });
    expect(await writer.write(samples)).toEqual({ ...nothing, duplicates: 12 });
    expect(await createMetricsWriter(test.database).write(samples)).toEqual({ ...nothing, duplicates: 12 });
  });
});
