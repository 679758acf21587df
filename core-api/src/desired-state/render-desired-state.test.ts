import { createHash } from 'node:crypto';
import { containerInput, replicaSettings, siteSettingsShape } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { renderCanonicalJson, renderDesiredState, type NodeScale, type ServedService } from './render-desired-state.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

const noScales = new Map<string, NodeScale>();

const settings = z.object(siteSettingsShape).parse({
  domains: ['shop.example.com'],
  target: { host: '127.0.0.1', port: 3000 },
});

function buildService(change: Partial<ServedService> = {}): ServedService {
  const id = '0190b6f0-7c3e-7000-8000-000000000001';
  return { id, name: 'shop', revision: 1, settings: { ...settings, basicAuth: null, replicas: null }, ...change };
}

describe('renderCanonicalJson', () => {
  it('does not depend on the order of keys', () => {
    expect(renderCanonicalJson({ b: 1, a: [{ d: null, c: 'x' }] })).toBe('{"a":[{"c":"x","d":null}],"b":1}');
  });
});

describe('renderDesiredState', () => {
  const first = buildService();
  const second = buildService({ id: '0190b6f0-7c3e-7000-8000-000000000002', name: 'blog' });

  it('has one revision for one content, in whatever order the services come', () => {
    expect(renderDesiredState([first, second], noScales, hash)).toEqual(
      renderDesiredState([second, first], noScales, hash),
    );
  });

  it('tells how many replicas there are to be, and is the same revision with any number', () => {
    const replicas = replicaSettings.parse({ container: containerInput.parse({ image: 'nginx' }), count: 2 });
    const scaled = buildService({ settings: { ...first.settings, replicas } });
    const render = (scales: readonly [string, NodeScale][]) => renderDesiredState([scaled], new Map(scales), hash);
    const [one, five] = [render([]), render([[scaled.id, { count: 5, scaleRevision: 7 }]])];
    expect(one.sites[0]).toMatchObject({ scaleRevision: 0, replicas: { count: 2 } });
    expect(five.sites[0]).toMatchObject({ scaleRevision: 7, replicas: { count: 5 } });
    expect(five.revision).toBe(one.revision);
    const drained = buildService({ settings: { ...first.settings, replicas: { ...replicas, drainMs: 1 } } });
    expect(renderDesiredState([drained], noScales, hash).revision, 'the control').not.toBe(one.revision);
  });

  it.each([
    ['a service more', [first, second]],
    ['another name', [buildService({ name: 'store' })]],
    ['another revision', [buildService({ revision: 2 })]],
    [
      'another port',
      [buildService({ settings: { ...first.settings, target: { ...first.settings.target, port: 3001 } } })],
    ],
    ['nothing', []],
  ])('has another revision with %s', (_, services) => {
    expect(renderDesiredState(services, noScales, hash).revision).not.toBe(
      renderDesiredState([first], noScales, hash).revision,
    );
  });
});
