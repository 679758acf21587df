import { beforeEach, describe, expect, it } from 'vitest';
import { buildLine, SERVICE_ID, type LineDraft } from '@flotilla/traffic/testing';
import { TrafficCounter } from './traffic-counter.ts';

const NOW_MS = 1_780_000_000_000;
/** Ends with the same characters: what is looked up by these is told apart. */
const TWIN_ID = '0190a0b0-9999-7222-8333-444455556666';

let nowMs: number;
let counter: TrafficCounter;

beforeEach(() => {
  nowMs = NOW_MS;
  counter = new TrafficCounter(() => nowMs);
  counter.take([SERVICE_ID, TWIN_ID]);
});

function add(...drafts: (LineDraft | string)[]): void {
  const lines = drafts.map((draft) => (typeof draft === 'string' ? draft : buildLine(draft)));
  counter.add(Buffer.from(`${lines.join('\n')}\n`));
}
const take = (serviceId = SERVICE_ID) => counter.take([SERVICE_ID, TWIN_ID]).get(serviceId);

describe('TrafficCounter', () => {
  it('counts a service’s requests, errors, time at work and latency', () => {
    add(
      { upstreamSeconds: '0.010' },
      { upstreamSeconds: '0.030', status: '503' },
      { upstreamSeconds: '0.020', status: '404' },
    );
    expect(take()).toEqual({ requests: 3, serverErrors: 1, atWorkMs: 60, latencyP95Ms: 30 });
    expect(take(), 'and begins anew').toEqual({ requests: 0, serverErrors: 0, atWorkMs: 0, latencyP95Ms: null });
  });

  it.each<[string, LineDraft]>([
    ['redirects', { status: '308', upstream: '-', upstreamSeconds: '-' }],
    ['refused clients', { status: '403', upstream: '-', upstreamSeconds: '-' }],
    ['hosts that no site has', { service: '-', status: '444', upstream: '-', upstreamSeconds: '-' }],
    ['services that nobody asked for', { service: '0190a0b0-1111-7222-8333-000000000000' }],
  ])('does not count %s', (_, draft) => {
    add(draft);
    expect(take()).toMatchObject({ requests: 0, latencyP95Ms: null });
    expect(counter.figures).toEqual({ lines: 1, foreign: 0, late: 0 });
  });

  it('counts requests that found no target as errors', () => {
    add({ status: '502', upstream: 'site_1', upstreamSeconds: '-' });
    expect(take()).toMatchObject({ requests: 1, serverErrors: 1, latencyP95Ms: 0 });
  });

  it('does not take the life of a WebSocket for a latency', () => {
    add({ status: '101', upstreamSeconds: '7200.000' }, { upstreamSeconds: '0.005' });
    expect(take()).toEqual({ requests: 2, serverErrors: 0, atWorkMs: 5, latencyP95Ms: 5 });
  });

  it('counts a minute at most of a request at work', () => {
    add({ upstreamSeconds: '3600.000' });
    expect(take()).toMatchObject({ atWorkMs: 60_000 });
  });

  it('tells services apart that end alike', () => {
    add({}, { service: TWIN_ID }, { service: TWIN_ID }, {});
    const traffic = counter.take([]);
    expect([SERVICE_ID, TWIN_ID].map((id) => traffic.get(id)?.requests)).toEqual([2, 2]);
  });

  it('knows nothing of a service that was not counted, and zeros of one without requests', () => {
    const traffic = counter.take([SERVICE_ID]);
    expect(traffic.get('another')).toBeUndefined();
    expect(traffic.get(SERVICE_ID)).toMatchObject({ requests: 0 });
    expect(counter.take([]).has(TWIN_ID), 'no longer asked for').toBe(false);
  });

  it('counts foreign lines, and goes on behind them', () => {
    add('GET / HTTP/1.1', {}, '', buildLine({ status: 'x' }), {});
    expect(take()).toMatchObject({ requests: 2 });
    expect(counter.figures).toEqual({ lines: 5, foreign: 3, late: 0 });
  });

  it('leaves out lines of long before the interval, which a restarted agent catches up with', () => {
    add({ time: '1779999996.999' }, { time: '1779999997.000' }, { time: '1780000000.000' });
    expect(take()).toMatchObject({ requests: 2 });
    nowMs += 5000;
    take();
    add({ time: '1780000001.999' }, { time: '1780000002.000' });
    expect(take()).toMatchObject({ requests: 1 });
    expect(counter.figures).toEqual({ lines: 5, foreign: 0, late: 2 });
  });
});
