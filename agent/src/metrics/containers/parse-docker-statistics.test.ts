import { describe, expect, it } from 'vitest';
import { parseDockerStatistics } from './parse-docker-statistics.ts';

const HOST = { hasOwnNetwork: true, hostMemoryBytes: 25_276_510_208 };

/** As Docker 20.10 answers for a container without limits on a host with control groups of version 1. */
const VERSION_1 = {
  read: '2026-11-23T10:04:40.24852003Z',
  pids_stats: { current: 1 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 254, minor: 0, op: 'Read', value: 4096 },
      { major: 254, minor: 0, op: 'Write', value: 512 },
      { major: 254, minor: 16, op: 'Write', value: 512 },
      { major: 254, minor: 16, op: 'Total', value: 99_999 },
    ],
  },
  cpu_stats: { cpu_usage: { total_usage: 24_183_101, percpu_usage: [16_678_082, 7_505_019] }, online_cpus: 2 },
  memory_stats: {
    usage: 2_392_064,
    stats: { inactive_file: 1, total_inactive_file: 1_777_664 },
    limit: 25_276_510_208,
  },
  networks: { eth0: { rx_bytes: 200, tx_bytes: 0 }, eth1: { rx_bytes: 1, tx_bytes: 7 } },
};

describe('parseDockerStatistics', () => {
  it('reads all counters that Docker tells', () => {
    expect(parseDockerStatistics(VERSION_1, HOST)).toEqual({
      cpuNanoseconds: 24_183_101,
      memoryBytes: 2_392_064 - 1_777_664,
      memoryLimitBytes: null,
      block: { readBytes: 4096, writtenBytes: 1024 },
      network: { receivedBytes: 201, transmittedBytes: 7 },
      pids: 1,
      oomKills: null,
    });
  });

  it('reads version 2, and a limit that is one', () => {
    const answer = {
      ...VERSION_1,
      memory_stats: { usage: 5000, stats: { inactive_file: 1000 }, limit: 67_108_864 },
      blkio_stats: { io_service_bytes_recursive: [{ major: 8, minor: 0, op: 'read', value: 3 }] },
    };
    expect(parseDockerStatistics(answer, HOST)).toMatchObject({
      memoryBytes: 4000,
      memoryLimitBytes: 67_108_864,
      block: { readBytes: 3, writtenBytes: 0 },
    });
  });

  it.each([
    ['what is not there', { read: VERSION_1.read }],
    [
      'what is no number',
      {
        read: VERSION_1.read,
        cpu_stats: { cpu_usage: { total_usage: 'NaN' } },
        memory_stats: { usage: -1, limit: {}, stats: [] },
        blkio_stats: { io_service_bytes_recursive: null },
        networks: { eth0: {} },
        pids_stats: {},
      },
    ],
  ])('knows nothing of %s, which is not zero', (_, answer) => {
    const counters = parseDockerStatistics(answer, HOST);
    expect(Object.values(counters ?? { none: 0 }).filter((value) => value !== null)).toEqual([]);
  });

  it('does not count the traffic of others', () => {
    expect(parseDockerStatistics(VERSION_1, { ...HOST, hasOwnNetwork: false })?.network).toBeNull();
  });

  it.each([
    ['a container that does not run', { ...VERSION_1, read: '0001-01-01T00:00:00Z' }],
    ['an error', { message: 'no such container' }],
    ['no object', 'nonsense'],
  ])('of %s is nothing', (_, answer) => expect(parseDockerStatistics(answer, HOST)).toBeNull());
});
