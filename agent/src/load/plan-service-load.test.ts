import { MAX_CUSTOM_PER_REPLICA, serviceLoad } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { planServiceLoad, type LoadReadings } from './plan-service-load.ts';
import { buildReplica, buildService, buildTraffic } from './testing/build-service.ts';

const GIBIBYTE = 2 ** 30;

const plan = (readings: Partial<LoadReadings> = {}, service = buildService()) =>
  planServiceLoad(service, {
    intervalMs: 5000,
    sampledAt: 1_780_000_100_000,
    traffic: buildTraffic(),
    readUse: () => null,
    readCustom: () => [],
    hostMemoryBytes: 4 * GIBIBYTE,
    clockOffsetMs: 0,
    ...readings,
  });

describe('requests', () => {
  it.each<[string, Partial<LoadReadings>, object]>([
    [
      'some',
      { traffic: { requests: 250, serverErrors: 5, atWorkMs: 10_000, latencyP95Ms: 86.5 } },
      { requestsPerSecond: 50, serverErrorRatio: 0.02, inFlight: 2, latencyP95Ms: 86.5 },
    ],
    [
      'none',
      { traffic: { requests: 0, serverErrors: 0, atWorkMs: 0, latencyP95Ms: null } },
      { requestsPerSecond: 0, serverErrorRatio: null, inFlight: 0, latencyP95Ms: null },
    ],
    [
      'unknown',
      { traffic: null },
      { requestsPerSecond: null, serverErrorRatio: null, inFlight: null, latencyP95Ms: null },
    ],
    [
      'in an interval that took longer',
      { traffic: buildTraffic({ requests: 70 }), intervalMs: 7000 },
      { requestsPerSecond: 10 },
    ],
    ['failures only', { traffic: buildTraffic({ requests: 3, serverErrors: 3 }) }, { serverErrorRatio: 1 }],
  ])('%s', (_, readings, expected) => {
    const load = plan(readings);
    expect(load).toMatchObject(expected);
    expect(serviceLoad.parse(load)).toEqual(load);
  });
});

describe('a replica', () => {
  it.each<[string, { cpuLimit: number | null }, ReturnType<LoadReadings['readUse']>, object]>([
    ['unknown', { cpuLimit: 1 }, null, { cpuRatio: null, memoryRatio: null }],
    ['with nothing known yet', { cpuLimit: 1 }, { cpuPercent: null }, { cpuRatio: null, memoryRatio: null }],
    ['idle', { cpuLimit: null }, { cpuPercent: 0, memoryBytes: 0 }, { cpuRatio: 0, memoryRatio: 0 }],
    [
      'without limits',
      { cpuLimit: null },
      { cpuPercent: 150, memoryBytes: GIBIBYTE },
      { cpuRatio: 1.5, memoryRatio: 0.25 },
    ],
    [
      'with limits',
      { cpuLimit: 0.5 },
      { cpuPercent: 45, memoryBytes: GIBIBYTE, memoryLimitBytes: 2 * GIBIBYTE },
      { cpuRatio: 0.9, memoryRatio: 0.5 },
    ],
  ])('%s', (_, limits, use, expected) => {
    const load = plan({ readUse: () => use }, buildService(limits));
    expect(load.replicas[0]).toMatchObject(expected);
    expect(serviceLoad.parse(load)).toEqual(load);
  });

  it('has its own figures, its readiness, and its start by the Core’s clock', () => {
    const [ready, young] = [buildReplica({ containerId: 'one' }), buildReplica({ containerId: 'two', isReady: false })];
    const load = plan(
      {
        readUse: (id) => (id === 'one' ? { cpuPercent: 10 } : null),
        readCustom: (id) =>
          id === 'one'
            ? [
                ['queue', 7],
                ['queue', 8],
              ]
            : [],
        clockOffsetMs: -2500,
      },
      buildService({ replicas: [ready, young] }),
    );
    expect(load.replicas).toEqual([
      {
        id: 'one',
        isReady: true,
        startedAt: 1_779_999_997_500,
        cpuRatio: 0.1,
        memoryRatio: null,
        custom: { queue: 7 },
      },
      { id: 'two', isReady: false, startedAt: 1_779_999_997_500, cpuRatio: null, memoryRatio: null, custom: {} },
    ]);
  });

  it.each([null, 'soon'])('that began at %s began now', (startedAt) => {
    const load = plan({}, buildService({ replicas: [buildReplica({ startedAt })] }));
    expect(load.replicas[0]?.startedAt).toBe(1_780_000_100_000);
  });

  it('tells as many figures of its application as a message takes, and only numbers', () => {
    const figures = Array.from({ length: 600 }, (_, index) => [`f${index}`, index === 1 ? Infinity : -index] as const);
    const load = plan({ readCustom: () => [...figures, ['__proto__', 1]] });
    const names = Object.keys(load.replicas[0]?.custom ?? {});
    expect(names).toHaveLength(MAX_CUSTOM_PER_REPLICA);
    expect(names).not.toContain('f1');
    expect(serviceLoad.safeParse(load).success).toBe(true);
  });
});
