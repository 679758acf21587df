import { describe, expect, it } from 'vitest';
import type { RefusedNetwork } from '../../shared/ban-gate.ts';
import { UnsafeValueError } from '../directive.ts';
import { readBack } from '../testing/read-back.ts';
import { renderBans } from './render-bans.ts';

const SHOP = '0190a0b0-1111-7222-8333-444455556666';
const BLOG = '0190a0b0-1111-7222-8333-777788889999';
const [shop, blog] = [SHOP, BLOG].map((id) => id.replaceAll('-', ''));

/** The entries of both trees. */
function read(...refused: RefusedNetwork[]): { everywhere: string[]; services: Record<string, string> } {
  const [everywhere, services] = readBack(renderBans(refused)).map(({ children = [] }) =>
    children.map(({ name, args }) => [name, args.join(' ')] as const),
  );
  const named = (services ?? []).filter(([name]) => name !== 'default');
  return { everywhere: (everywhere ?? []).map((entry) => entry.join(' ')), services: Object.fromEntries(named) };
}

describe('the file of bans', () => {
  it('names nobody when nobody is refused', () => {
    expect(read()).toEqual({ everywhere: ['default 0'], services: {} });
  });

  it('names each network once, in an order that does not depend on when it came', () => {
    const [one, two] = ['203.0.113.7/32', '2001:db8::/64'].map((network) => ({ network, serviceId: null }));
    if (one === undefined || two === undefined) throw new Error('there are two');
    expect(renderBans([one, two, one])).toBe(renderBans([two, one]));
    expect(read(one, two).everywhere).toEqual(['default 0', '2001:db8::/64 1', '203.0.113.7/32 1']);
  });

  it('names the services that refuse a network, and those that refuse one around it', () => {
    const { services, everywhere } = read(
      { network: '203.0.113.7/32', serviceId: SHOP },
      { network: '203.0.113.0/24', serviceId: BLOG },
      { network: '203.0.113.8/32', serviceId: BLOG },
      { network: '198.51.100.7/32', serviceId: SHOP },
      { network: '2001:db8::/64', serviceId: SHOP },
      { network: '::/0', serviceId: BLOG },
    );
    expect(services).toEqual({
      '203.0.113.0/24': blog,
      '203.0.113.7/32': `${shop},${blog}`,
      '203.0.113.8/32': blog,
      '198.51.100.7/32': shop,
      '2001:db8::/64': `${shop},${blog}`,
      '::/0': blog,
    });
    expect(everywhere).toEqual(['default 0']);
  });

  it.each(['203.0.113.7/32 1; } server { listen 1;', '', 'example.com', "'/32"])('refuses %j', (network) => {
    expect(() => renderBans([{ network, serviceId: null }])).toThrow(UnsafeValueError);
  });
});
