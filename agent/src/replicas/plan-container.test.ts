import { containerSpec } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { REPLICA_SERVICE_LABEL } from '../shared/replica-label.ts';
import { hashSpecification } from './hash-specification.ts';
import { formatReplicaName, planContainer } from './plan-container.ts';

const identity = { name: 'flotilla-web-1', agentId: 'a', serviceId: 's', specification: 'h' };
const build = (change: object = {}) => containerSpec.parse({ image: 'web:1', ...change });

describe('planContainer', () => {
  it('leaves what the specification leaves open to the image and the daemon', () => {
    expect(planContainer(identity, build())).toEqual({
      name: 'flotilla-web-1',
      Image: 'web:1',
      Env: [],
      Labels: {
        'flotilla.replica.agent': 'a',
        'flotilla.replica.service': 's',
        'flotilla.replica.specification': 'h',
      },
      StopTimeout: 10,
      HostConfig: { RestartPolicy: { Name: 'no' }, Mounts: [] },
    });
  });

  it('says everything that it is told', () => {
    const spec = build({
      entrypoint: ['/bin/sh'],
      command: ['-c', 'run'],
      user: '1000:1000',
      workingDirectory: '/srv',
      environment: [{ name: 'A', value: 'b=c', isSecret: true }],
      volumes: [
        { source: '/srv', target: '/data', readOnly: true },
        { source: 'cache', target: '/cache' },
      ],
      network: 'shop',
      cpuLimit: 0.5,
      memoryLimitBytes: 2 ** 26,
      labels: [{ name: 'team', value: 'shop' }],
      stopSignal: 'SIGQUIT',
      stopGraceMs: 1500,
    });
    expect(planContainer(identity, spec)).toMatchObject({
      Entrypoint: ['/bin/sh'],
      Cmd: ['-c', 'run'],
      User: '1000:1000',
      WorkingDir: '/srv',
      Env: ['A=b=c'],
      Labels: { team: 'shop', [REPLICA_SERVICE_LABEL]: 's' },
      StopSignal: 'SIGQUIT',
      StopTimeout: 2,
      HostConfig: {
        Mounts: [
          { Type: 'bind', Source: '/srv', Target: '/data', ReadOnly: true },
          { Type: 'volume', Source: 'cache', Target: '/cache', ReadOnly: false },
        ],
        NetworkMode: 'shop',
        NanoCpus: 500_000_000,
        Memory: 2 ** 26,
      },
    });
  });

  it('names a replica as Docker allows it', () => {
    expect(formatReplicaName('0190b6f0-7c3e-7000-8000-0123456789ab', 'a1b2')).toBe('flotilla-0123456789ab-a1b2');
  });
});

describe('hashSpecification', () => {
  const hash = (change: object, revision = 1) => hashSpecification(build(change), revision);

  it('is the same for what makes the same container', () => {
    expect(hash({}, 2)).toBe(hash({}));
    expect(hash({ health: { kind: 'http', path: '/up' } })).toBe(hash({}));
    expect(hash({ registry: { username: 'u', password: 'p' } })).toBe(hash({}));
  });

  it.each<[string, object]>([
    ['image', { image: 'web:2' }],
    ['variable', { environment: [{ name: 'A', value: '1', isSecret: false }] }],
    ['limit', { cpuLimit: 1 }],
    ['grace', { stopGraceMs: 1 }],
    ['user', { user: 'app' }],
    ['working directory', { workingDirectory: '/srv' }],
  ])('is another with another %s', (_, change) => {
    expect(hash(change)).not.toBe(hash({}));
  });

  it('is what it was before a container’s user could be set: an update of the agent replaces no replica', () => {
    expect(hash({})).toBe('364af2f61d75ac7d4c6ac8ab053c4d307860794b5ea0c5bbd17f0686613f841f');
  });

  it('is another at each revision for an image that is always asked for', () => {
    expect(hash({ pull: 'always' }, 2)).not.toBe(hash({ pull: 'always' }, 1));
    expect(hash({ pull: 'always' }, 2)).toBe(hash({ pull: 'always' }, 2));
  });
});
