import { describe, expect, it } from 'vitest';
import { createApp } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { chooseRefreshMs, planZoom, readSelection, useTimeRange, type TimeRange } from './use-time-range.ts';

const from = '2026-01-01T10:00:00.000Z';
const to = '2026-01-01T11:00:00.000Z';

describe('readSelection', () => {
  it.each([
    [{}, { kind: 'live', range: '1h' }],
    [{ range: '7d' }, { kind: 'live', range: '7d' }],
    [{ range: 'a year' }, { kind: 'live', range: '1h' }],
    [
      { from, to },
      { kind: 'fixed', from, to },
    ],
    [
      { from: to, to: from, range: '6h' },
      { kind: 'live', range: '6h' },
    ],
    [
      { from: 'yesterday', to },
      { kind: 'live', range: '1h' },
    ],
    [
      { from: [from], to },
      { kind: 'live', range: '1h' },
    ],
  ])('of %j', (query, selection) => expect(readSelection(query)).toEqual(selection));
});

it('looks often where the last seconds can be seen', () => {
  const waits = [readSelection({ range: '5m' }), readSelection({ range: '30d' }), readSelection({ from, to })];
  expect(waits.map(chooseRefreshMs)).toEqual([5000, 30_000, 60_000]);
});

it('widens a part that is too short to see anything', () => {
  const at = Date.parse(from);
  expect(planZoom(at, at + 60_000)).toEqual({ from, to: '2026-01-01T10:01:00.000Z' });
  expect(planZoom(at, at + 1)).toEqual({ from: '2026-01-01T09:59:52.501Z', to: '2026-01-01T10:00:07.501Z' });
});

it('keeps what else stands in the address', async () => {
  const page = { template: '<i />' };
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: page }] });
  await router.push('/overview/compare?nodes=a,b&range=6h');
  let timeRange: TimeRange | undefined;
  const app = createApp({ setup: () => ((timeRange = useTimeRange()), () => null) });
  app.use(router).mount(document.createElement('div'));
  timeRange?.zoom(Date.parse(from), Date.parse(to));
  await expect.poll(() => router.currentRoute.value.query).toEqual({ nodes: 'a,b', from, to });
  timeRange?.choose('24h');
  await expect.poll(() => router.currentRoute.value.query).toEqual({ nodes: 'a,b', range: '24h' });
  app.unmount();
});
