import { describe, expect, it } from 'vitest';
import { belongsToContainer, parseCgroupMembership } from './parse-cgroup-membership.ts';

const ID = 'c'.repeat(64);

const VERSION_1 = `12:pids:/docker/${ID}
8:cpu,cpuacct:/docker/${ID}
5:memory:/docker/${ID}
1:name=systemd:/docker/${ID}
0::/system.slice/containerd.service
`;

describe('parseCgroupMembership', () => {
  it.each([
    ['version 1', VERSION_1, 1, 'memory', `/docker/${ID}`],
    ['version 1 with joined controllers', VERSION_1, 1, 'cpuacct', `/docker/${ID}`],
    ['version 2 by systemd', `0::/system.slice/docker-${ID}.scope\n`, 2, '', `/system.slice/docker-${ID}.scope`],
    ['version 2 by cgroupfs', `0::/docker/${ID}\n`, 2, '', `/docker/${ID}`],
    ['a hybrid host', `5:memory:/docker/${ID}\n0::/docker/${ID}\n`, 1, 'memory', `/docker/${ID}`],
  ])('reads %s', (_, text, version, controller, path) => {
    const membership = parseCgroupMembership(text);
    expect([membership?.version, membership?.paths.get(controller)]).toEqual([version, path]);
  });

  it.each([[''], ['nonsense'], ['4:cpu:/docker/x\n']])('of %j is nothing', (text) => {
    expect(parseCgroupMembership(text)).toBeNull();
  });
});

it.each([
  [`0::/system.slice/docker-${ID}.scope`, true],
  [`0::/docker/${'d'.repeat(64)}`, false],
  ['0::/user.slice/session-1.scope', false],
])('a process in %s belongs to the container: %s', (text, belongs) => {
  const membership = parseCgroupMembership(text);
  expect(membership !== null && belongsToContainer(membership, ID)).toBe(belongs);
});
