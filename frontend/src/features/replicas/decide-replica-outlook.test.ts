import type { ReplicaState, ServiceReplicasReport } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { buildAgent } from '../../shared/testing/build-agent.ts';
import { buildReplicasReport } from './testing/build-replicas-report.ts';
import { decideReplicaOutlook } from './decide-replica-outlook.ts';

const replicasOf = (...states: ReplicaState[]) =>
  states.map((state, index) => ({
    ...buildReplicasReport().replicas[0],
    name: `web-${index}`,
    state,
  })) as ServiceReplicasReport['replicas'];
const decide = (change: Partial<ServiceReplicasReport>, node: 'online' | 'offline' = 'online', revision = 3) =>
  decideReplicaOutlook(buildReplicasReport(change), buildAgent({ status: node }), revision);

describe('decideReplicaOutlook', () => {
  it.each<[string, Partial<ServiceReplicasReport>, object]>([
    ['all ready', { wanted: 2, replicas: replicasOf('ready', 'ready') }, { verdict: 'well', ready: 2, wanted: 2 }],
    ['some start', { wanted: 2, replicas: replicasOf('ready', 'starting') }, { verdict: 'starting', ready: 1 }],
    ['none there yet', { wanted: 2, replicas: [] }, { verdict: 'starting', ready: 0 }],
    ['one goes', { wanted: 1, replicas: replicasOf('ready', 'draining') }, { verdict: 'leaving', ready: 1 }],
    ['none wanted', { wanted: 0, replicas: [] }, { verdict: 'none', tone: 'quiet', ready: 0 }],
    ['an update', { rollout: 'progressing' }, { verdict: 'updating', tone: 'busy' }],
    ['an older revision', { serviceRevision: 2 }, { verdict: 'behind', tone: 'busy' }],
    ['a problem', { problem: 'no such image' }, { verdict: 'problem', tone: 'bad', problem: 'no such image' }],
    [
      'a problem that leaves none',
      { problem: 'no such image', replicas: [] },
      { verdict: 'noneReady', tone: 'bad', ready: 0, problem: 'no such image' },
    ],
    ['a failed update', { rollout: 'rolled_back', problem: 'x' }, { verdict: 'rolledBack', tone: 'bad', problem: 'x' }],
  ])('%s', (_, change, expected) => {
    expect(decide(change)).toMatchObject(expected);
  });

  it('knows nothing, not 0, of a node that is away, has no Docker, or has not reported', () => {
    const unknown = { ready: null, wanted: null, tone: 'quiet' };
    const { facts } = buildAgent();
    const docker = { available: false, version: null, reason: 'connect ENOENT /var/run/docker.sock' };
    const without = buildAgent({ facts: facts && { ...facts, docker } });
    expect(decideReplicaOutlook(buildReplicasReport(), without, 3)).toMatchObject({
      ...unknown,
      tone: 'bad',
      verdict: 'noDocker',
      problem: docker.reason,
    });
    expect(decide({}, 'offline')).toMatchObject({ ...unknown, verdict: 'offline' });
    expect(decideReplicaOutlook(null, buildAgent(), 1)).toMatchObject({ ...unknown, verdict: 'notReported' });
  });
});
