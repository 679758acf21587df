import { createHash } from 'node:crypto';
import { containerInput, replicaSettings, siteSettingsShape } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  renderCanonicalJson,
  renderDesiredState,
  type NodeContent,
  type ServedService,
} from './render-desired-state.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

const render = (services: NodeContent['services'], more: Partial<NodeContent> = {}) =>
  renderDesiredState({ services, scales: new Map(), certificates: [], errorPages: [], ...more }, hash);

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
    expect(render([first, second])).toEqual(render([second, first]));
  });

  it('tells how many replicas there are to be, and is the same revision with any number', () => {
    const replicas = replicaSettings.parse({ container: containerInput.parse({ image: 'nginx' }), count: 2 });
    const scaled = buildService({ settings: { ...first.settings, replicas } });
    const scales = new Map([[scaled.id, { count: 5, scaleRevision: 7 }]]);
    const [one, five] = [render([scaled]), render([scaled], { scales })];
    expect(one.sites[0]).toMatchObject({ scaleRevision: 0, replicas: { count: 2 } });
    expect(five.sites[0]).toMatchObject({ scaleRevision: 7, replicas: { count: 5 } });
    expect(five.revision).toBe(one.revision);
    const drained = buildService({ settings: { ...first.settings, replicas: { ...replicas, drainMs: 1 } } });
    expect(render([drained]).revision, 'the control').not.toBe(one.revision);
  });

  it('says which certificate a service is served with, and is another revision with another one', () => {
    const tls = { ...first.settings.tls, mode: 'certificate' as const };
    const secured = buildService({ settings: { ...first.settings, tls } });
    const build = (digit: string, names = ['shop.example.com']) => [
      { id: digit, hash: digit.repeat(64), names, isSelfSigned: false, notAfter: new Date() },
    ];
    const [none, a, b] = [[], build('a'), build('b')].map((certificates) => render([secured], { certificates }));
    expect(a?.sites[0]?.certificateHash).toBe('a'.repeat(64));
    expect(none?.sites[0]?.certificateHash).toBeNull();
    expect(new Set([none?.revision, a?.revision, b?.revision]).size).toBe(3);
    expect(
      render([first], { certificates: build('a') }).sites[0]?.certificateHash,
      'of a service without TLS',
    ).toBeNull();
    expect(render([secured], { certificates: build('a', ['other.example.com']) })).toEqual(none);
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
    expect(render(services).revision).not.toBe(render([first]).revision);
  });

  const sets = [
    { id: '0190b6f0-7c3e-7000-8000-0000000000a1', isDefault: false, pages: { '404': 'a'.repeat(64) } },
    { id: '0190b6f0-7c3e-7000-8000-0000000000a2', isDefault: true, pages: { '5xx': 'b'.repeat(64) } },
  ];
  const choosing = (set: string) =>
    buildService({ settings: { ...first.settings, errorPages: { set, interceptsUpstreamErrors: false } } });

  it.each([
    ['the default', 'default', sets, { '5xx': 'b'.repeat(64) }],
    ['none', 'none', sets, {}],
    ['one', '0190b6f0-7c3e-7000-8000-0000000000a1', sets, { '404': 'a'.repeat(64) }],
    ['one that is gone', '0190b6f0-7c3e-7000-8000-0000000000a3', sets, { '5xx': 'b'.repeat(64) }],
    ['the default where there is none', 'default', sets.slice(0, 1), {}],
  ])('has the pages of a service that has chosen %s', (_, choice, errorPages, expected) => {
    expect(render([choosing(choice)], { errorPages }).sites[0]?.errorPageHashes).toEqual(expected);
  });

  it('is another revision when a page is another one', () => {
    const changed = [{ id: 'x', isDefault: true, pages: { '5xx': 'c'.repeat(64) } }];
    expect(render([first], { errorPages: changed }).revision).not.toBe(render([first], { errorPages: sets }).revision);
  });
});
