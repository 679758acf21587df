import { describe, expect, it } from 'vitest';
import { imageReference } from '../values/image-reference.ts';
import { containerInput } from './container-spec.ts';

describe('imageReference', () => {
  it.each([
    'nginx',
    'nginx:1.27-alpine',
    'library/nginx',
    'localhost:5000/shop/web',
    'ghcr.io/shop/web-app:1.4',
    `registry.example.com/a__b/c--d@sha256:${'a'.repeat(64)}`,
    'Registry.Example.com/web:Latest_1',
  ])('takes %s', (text) => {
    expect(imageReference.parse(text)).toBe(text);
  });

  it.each([
    '',
    'Nginx',
    'nginx:',
    'a b',
    'nginx:la test',
    'http://example.com/web',
    '-web',
    'web@sha256:12',
    'a//b',
    '../web',
  ])('refuses %j', (text) => {
    expect(imageReference.safeParse(text).success).toBe(false);
  });
});

describe('containerInput', () => {
  const refuse = (change: object) => {
    const parsed = containerInput.safeParse({ image: 'nginx', ...change });
    return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
  };

  it.each<[string, object]>([
    [
      'environment.1.name',
      {
        environment: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
    ],
    ['environment.0.name', { environment: [{ name: 'A-B', value: '1' }] }],
    ['environment.0.value', { environment: [{ name: 'A', value: 'a\u0000b' }] }],
    [
      'labels.1.name',
      {
        labels: [
          { name: 'a', value: '' },
          { name: 'a', value: '' },
        ],
      },
    ],
    [
      'volumes.1.target',
      {
        volumes: [
          { source: 'a', target: '/data' },
          { source: 'b', target: '/data' },
        ],
      },
    ],
    ['volumes.0.target', { volumes: [{ source: 'a', target: '/' }] }],
    ['volumes.0.target', { volumes: [{ source: 'a', target: '/data:ro' }] }],
    ['command', { command: [] }],
    ['cpuLimit', { cpuLimit: 0 }],
    ['memoryLimitBytes', { memoryLimitBytes: 1024 }],
    ['stopSignal', { stopSignal: 'KILL; rm' }],
    ['stopGraceMs', { stopGraceMs: -1 }],
    ['network', { network: '--privileged' }],
  ])('names %s', (field, change) => {
    expect(refuse(change)).toEqual([field]);
  });

  it('takes a whole specification', () => {
    expect(
      refuse({
        entrypoint: ['/bin/sh', '-c'],
        command: ['echo "$MODE"; sleep 1'],
        environment: [{ name: 'MODE', value: 'ünïcode\n' }],
        volumes: [
          { source: 'cache', target: '/cache' },
          { source: '/srv/data', target: '/data', readOnly: true },
        ],
        network: 'shop_default',
        cpuLimit: 0.5,
        memoryLimitBytes: 64 * 2 ** 20,
        stopSignal: 'sigquit',
        health: { kind: 'http', path: '/health' },
      }),
    ).toEqual([]);
  });
});
