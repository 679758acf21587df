import { loadMessage, partitionOf, type ServiceLoad } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { chooseNextTime } from '../shared/choose-next-time.ts';
import { planLoadMessages } from './plan-load-messages.ts';
import { planServiceLoad } from './plan-service-load.ts';
import { buildReplica, buildService, buildTraffic } from './testing/build-service.ts';

/** @param custom how many figures of the longest name each replica tells */
function build(replicas = 1, custom = 0): ServiceLoad {
  const service = buildService({ replicas: Array.from({ length: replicas }, () => buildReplica()) });
  return planServiceLoad(service, {
    intervalMs: 5000,
    sampledAt: 1_780_000_000_000,
    traffic: buildTraffic(),
    readUse: () => ({ cpuPercent: 12.34 }),
    readCustom: () => Array.from({ length: custom }, (_, index) => [`${'n'.repeat(195)}${index}`, index]),
    hostMemoryBytes: 2 ** 30,
    clockOffsetMs: 0,
  });
}
const at = { sampledAt: 1_780_000_000_000, intervalMs: 5000 };

describe('planLoadMessages', () => {
  it('has no message without a service', () => {
    expect(planLoadMessages([], at)).toEqual([]);
  });

  it('has each service once, in a message of its partition, each message later than the one before', () => {
    const services = Array.from({ length: 3000 }, () => build());
    const messages = planLoadMessages(services, at);
    const told = messages.flatMap(({ partition, message }) =>
      message.services.map((service) => ({ partition, serviceId: service.serviceId })),
    );
    expect(new Set(told.map(({ serviceId }) => serviceId)).size).toBe(3000);
    expect(told).toHaveLength(3000);
    expect(told.filter(({ partition, serviceId }) => partition !== partitionOf(serviceId))).toEqual([]);
    expect(messages.map(({ message }) => message.sampledAt - at.sampledAt)).toEqual(messages.map((_, index) => index));
    expect(messages.filter(({ message }) => !loadMessage.safeParse(message).success)).toEqual([]);
  });

  it('splits what is too large, and tells fewer figures of applications where nothing else helps', () => {
    const large = Array.from({ length: 40 }, () => build(20, 20));
    const huge = build(100, 50);
    const messages = planLoadMessages([...large, huge], at);
    const sizes = messages.map(({ message }) => Buffer.byteLength(JSON.stringify(message)));
    expect(Math.max(...sizes)).toBeLessThan(600_000);
    const told = messages.flatMap(({ message }) => message.services);
    expect(told).toHaveLength(41);
    const found = told.find(({ serviceId }) => serviceId === huge.serviceId);
    expect(found?.replicas.map(({ cpuRatio, custom }) => [cpuRatio, Object.keys(custom).length])).toEqual(
      huge.replicas.map(() => [0.1234, 15]),
    );
    expect(Object.keys(told.find((one) => one !== found)?.replicas[0]?.custom ?? {})).toHaveLength(20);
  });
});

describe('chooseNextTime', () => {
  it.each([
    { nowMs: 1000, lastMs: 0, expected: 1000 },
    { nowMs: 1000, lastMs: 1000, expected: 1001 },
    { nowMs: 1000, lastMs: 1004, expected: 1005 },
    { nowMs: 1000, lastMs: 11_000, expected: 11_001 },
    { nowMs: 1000, lastMs: 11_001, expected: 1000 },
  ])('$nowMs after $lastMs is $expected', ({ nowMs, lastMs, expected }) => {
    expect(chooseNextTime(nowMs, lastMs)).toBe(expected);
  });
});
