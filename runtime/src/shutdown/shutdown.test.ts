import { describe, expect, it } from 'vitest';
import { createLogger } from '../logging/create-logger.ts';
import { Shutdown } from './shutdown.ts';

function build(totalMs?: number) {
  const lines: string[] = [];
  const logger = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } });
  return { lines, shutdown: new Shutdown({ logger, ...(totalMs === undefined ? {} : { totalMs }) }) };
}

describe('Shutdown', () => {
  it('closes in reverse order, after the signal has aborted', async () => {
    const { shutdown } = build();
    const closed: string[] = [];
    for (const name of ['database', 'bus', 'server']) {
      shutdown.add(name, () => void closed.push(`${name} ${shutdown.signal.aborted}`));
    }
    expect(shutdown.signal.aborted).toBe(false);
    expect(await shutdown.run()).toBe(true);
    expect(closed).toEqual(['server true', 'bus true', 'database true']);
  });

  it('goes on after a step that fails or hangs, and says which', async () => {
    const { shutdown, lines } = build();
    const closed: string[] = [];
    shutdown.add('database', () => closed.push('database'));
    shutdown.add('bus', () => new Promise(() => undefined), 20);
    shutdown.add('server', () => Promise.reject(new Error('still busy')));
    expect(await shutdown.run()).toBe(false);
    expect(closed).toEqual(['database']);
    expect(lines.join('')).toMatch(/still busy[\s\S]*closing bus did not end within 20 ms/);
  });

  it('keeps the bound for all steps together', async () => {
    const { shutdown } = build(60);
    for (const name of ['a', 'b', 'c', 'd']) shutdown.add(name, () => new Promise(() => undefined), 50);
    const startedAt = performance.now();
    expect(await shutdown.run()).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(150);
  });

  it('runs once however often it is asked', async () => {
    const { shutdown } = build();
    let count = 0;
    shutdown.add('bus', () => (count += 1));
    await Promise.all([shutdown.run(), shutdown.run()]);
    expect(count).toBe(1);
  });
});
