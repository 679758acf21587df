import { describe, expect, it } from 'vitest';
import type { ContainerResolution } from './proxy.ts';
import { createAddressBook } from './read-addresses.ts';
import { resolveTargets, type TargetSources } from './resolve-targets.ts';
import { buildSite } from './testing/build-site.ts';

const before = [{ address: '172.17.0.5', port: 80 }];
const unavailable: ContainerResolution = { state: 'unavailable', reason: 'container app does not run' };
const unknown: ContainerResolution = { state: 'unknown', reason: 'Docker does not answer' };

function buildSources(overrides: Partial<TargetSources> = {}): TargetSources {
  return {
    addressBook: createAddressBook(),
    resolveContainer: () => unavailable,
    rosters: new Map(),
    complete: new Set(),
    servedOtherwise: new Set(),
    known: {},
    hasIpv6: true,
    ...overrides,
  };
}

describe('resolveTargets', () => {
  const site = buildSite({ target: { container: 'app', port: 80 } });
  it.each([
    {
      name: 'a running container',
      found: { state: 'available' as const, endpoints: before },
      known: {},
      expected: before,
    },
    { name: 'one that is away and was there', found: unavailable, known: { 'container app:80': before }, expected: [] },
    { name: 'one that nobody can ask for', found: unknown, known: { 'container app:80': before }, expected: before },
    { name: 'one that was never there', found: unavailable, known: {}, expected: 'container app does not run' },
    { name: 'an unknown one that was never there', found: unknown, known: {}, expected: 'Docker does not answer' },
  ])('$name', ({ found, known, expected }) => {
    const reading = resolveTargets(site, buildSources({ resolveContainer: () => found, known }));
    expect(reading.ok ? reading.targets[0]?.endpoints : reading.reason).toEqual(expected);
  });

  it('remembers where a container was while it is away', () => {
    const reading = resolveTargets(site, buildSources({ known: { 'container app:80': before } }));
    expect(reading).toMatchObject({ ok: true, endpoints: { 'container app:80': before } });
  });

  it('names every target that has no address, also of locations', () => {
    const bad = buildSite({
      target: { host: 'a.invalid', port: 80 },
      locations: [{ path: '/api', target: { host: 'b.invalid', port: 80 } }],
    });
    expect(resolveTargets(bad, buildSources())).toEqual({
      ok: false,
      reason: 'host not found in upstream "a.invalid"\nhost not found in upstream "b.invalid"',
    });
  });

  describe('replicas', () => {
    const [first, second] = [
      { containerId: 'a'.repeat(64), share: 1 },
      { containerId: 'b'.repeat(64), share: 0.5 },
    ];
    const shop = buildSite({ target: { replicas: true, port: 80 } });
    const rosters = new Map([[shop.serviceId, [first, second]]]);
    const key = `container ${first.containerId}:80`;
    const available: ContainerResolution = { state: 'available', endpoints: before };
    const sources = (found: ContainerResolution, overrides: Partial<TargetSources> = {}) =>
      buildSources({
        rosters,
        resolveContainer: (container) => (container === second.containerId ? available : found),
        ...overrides,
      });
    const both = [
      { ...before[0], replica: first },
      { ...before[0], replica: second },
    ];
    const other = [{ ...before[0], replica: second }];

    it.each([
      { name: 'all that take requests', found: available, known: {}, expected: both },
      { name: 'all but one that is away', found: unavailable, known: { [key]: before }, expected: other },
      { name: 'one that nobody can ask for, where it was', found: unknown, known: { [key]: before }, expected: both },
      { name: 'all but one that nobody can ask for and never could', found: unknown, known: {}, expected: other },
    ])('are reached: $name', ({ found, known, expected }) => {
      const reading = resolveTargets(shop, sources(found, { known }));
      expect(reading.ok && reading.targets[0]?.endpoints).toEqual(expected);
    });

    it('have a site before there is any', () => {
      expect(resolveTargets(shop, sources(available, { rosters: new Map() }))).toMatchObject({
        ok: true,
        targets: [{ endpoints: [] }],
      });
    });

    it('leave a site as it was served without them, until there has been one', () => {
      const servedOtherwise = new Set([shop.serviceId]);
      const read = (rosters: TargetSources['rosters']) =>
        resolveTargets(shop, sources(available, { rosters, servedOtherwise }));
      expect(read(new Map())).toMatchObject({ ok: false, reason: expect.stringContaining('no replica') as string });
      expect(read(new Map([[shop.serviceId, []]])).ok, 'there was one').toBe(true);
    });

    it.each([unavailable, unknown])('are refused when all must be reached and one is $state', (found) => {
      const complete = new Set([shop.serviceId]);
      expect(resolveTargets(shop, sources(found, { complete }))).toEqual({ ok: false, reason: found.reason });
      expect(resolveTargets(shop, sources(available, { complete })).ok).toBe(true);
    });

    it('are remembered where they are, and forgotten when they are away', () => {
      const remembered = (found: ContainerResolution) => {
        const reading = resolveTargets(shop, sources(found, { known: { [key]: before } }));
        return reading.ok ? Object.keys(reading.endpoints) : [];
      };
      const others = `container ${second.containerId}:80`;
      expect(remembered(available)).toEqual([key, others]);
      expect(remembered(unavailable)).toEqual([others]);
    });
  });

  it('needs no address for a redirect', () => {
    const redirect = buildSite({
      target: { host: 'a.invalid', port: 80 },
      redirect: { to: 'https://www.example.com' },
    });
    expect(resolveTargets(redirect, buildSources())).toMatchObject({ ok: true, targets: [] });
  });

  it.each([
    { hasIpv6: true, addresses: ['192.0.2.1', '2001:db8::1'], expected: ['192.0.2.1', '2001:db8::1'] },
    { hasIpv6: false, addresses: ['192.0.2.1', '2001:db8::1'], expected: ['192.0.2.1'] },
    { hasIpv6: false, addresses: ['2001:db8::1'], expected: ['2001:db8::1'] },
  ])('with IPv6 $hasIpv6, $addresses → $expected', ({ hasIpv6, addresses, expected }) => {
    const addressBook = createAddressBook();
    addressBook.remember('a.internal', addresses);
    const reading = resolveTargets(
      buildSite({ target: { host: 'a.internal', port: 80 } }),
      buildSources({ addressBook, hasIpv6 }),
    );
    expect(reading.ok && reading.targets[0]?.endpoints.map(({ address }) => address)).toEqual(expected);
  });
});
