import { randomUUID } from 'node:crypto';
import { site } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { chooseWanted } from './choose-wanted.ts';

const serviceId = randomUUID();
const build = (change: object = {}) =>
  site.parse({
    serviceId,
    serviceRevision: 4,
    name: 'shop',
    domains: ['shop.example.com'],
    target: { replicas: true, port: 80 },
    basicAuth: null,
    replicas: { container: { image: 'web', environment: [] }, count: 2 },
    scaleRevision: 5,
    ...change,
  });
const scale = (scaleRevision: number, count: number) => new Map([[serviceId, { scaleRevision, count }]]);

describe('chooseWanted', () => {
  it('leaves services without replicas out', () => {
    expect(chooseWanted([build({ replicas: null, target: { host: '127.0.0.1', port: 1 } })], new Map())).toEqual([]);
  });

  it.each([
    ['the state’s number, when there is no other', new Map(), 2, 5],
    ['the state’s number, when the other is older', scale(4, 7), 2, 5],
    ['the state’s number, when both are of one revision', scale(5, 7), 2, 5],
    ['the other, when it is newer', scale(6, 7), 7, 6],
  ])('takes %s', (_, scales, count, scaleRevision) => {
    expect(chooseWanted([build()], scales)).toMatchObject([{ serviceId, serviceRevision: 4, count, scaleRevision }]);
  });

  it.each<[string, object, number[]]>([
    ['its target’s', {}, [80]],
    [
      'all that it has, each once, the target’s first',
      {
        additionalTargets: [
          { host: '127.0.0.1', port: 9 },
          { replicas: true, port: 80 },
        ],
        locations: [{ path: '/api', target: { replicas: true, port: 81 } }],
      },
      [80, 81],
    ],
  ])('asks for ports: %s', (_, change, ports) => {
    expect(chooseWanted([build(change)], new Map())[0]?.ports).toEqual(ports);
  });
});
