import { expect, it } from 'vitest';
import { planUsageOrder } from './plan-usage-order.ts';

const build = (name: string, cpuPercent: number | null) => ({
  id: name,
  name,
  sampledAt: '2026-01-01T00:00:00Z',
  values: { cpuPercent },
});

it.each([
  ['desc', ['busy', 'also-idle', 'idle', 'unknown']],
  ['asc', ['also-idle', 'idle', 'busy', 'unknown']],
] as const)('orders by use %s, the unknown last', (order, names) => {
  const items = [build('unknown', null), build('idle', 0), build('busy', 90), build('also-idle', 0)];
  expect(planUsageOrder(items, 'cpuPercent', order).map(({ name }) => name)).toEqual(names);
});
