import type { Agent } from '@flotilla/contracts';
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './harness/browser.ts';
import { FlotillaSystem } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

const ZONE = 'Asia/Kolkata';

/** What an operator does with charts, in a real browser. */
describe('charts', () => {
  let system: FlotillaSystem;
  let agent: Agent;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    system = await FlotillaSystem.create({ FLOTILLA_SAMPLE_INTERVAL_MS: '1000' });
    await system.start();
    agent = await system.waitForLocalAgent(await system.signIn());
    browser = await launchBrowser();
    page = await browser.newPage({ locale: 'en', timezoneId: ZONE, viewport: { width: 1440, height: 900 } });
    await page.goto(system.baseUrl);
    await page.getByTestId('login-email').locator('input').fill(system.admin.email);
    await page.getByTestId('login-password').locator('input').fill(system.admin.password);
    await page.getByTestId('login-submit').click();
    await page.getByTestId('nav-nodes').waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await system.destroy();
  });

  const openComparison = async () => {
    await page.goto(`${system.baseUrl}/overview/compare?nodes=${agent.id}&range=5m`);
    const chart = page.getByTestId('chart-cpuPercent');
    await waitFor('figures of the node', async () => ((await chart.getAttribute('data-latest')) === '' ? null : true));
    return chart;
  };
  const readRange = () => {
    const { searchParams } = new URL(page.url());
    return { from: searchParams.get('from'), to: searchParams.get('to'), nodes: searchParams.get('nodes') };
  };

  it('show the part that is marked, and keep the nodes that are compared', async () => {
    const plot = (await openComparison()).locator('.chart__plot');
    const box = await waitFor('the plot', () => plot.boundingBox());
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.7, y);
    await page.getByTestId('chart-reading').waitFor();
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, y, { steps: 5 });
    await page.mouse.up();
    const range = await waitFor('the part', async () => (readRange().from === null ? null : readRange()));
    expect(range.nodes).toBe(agent.id);
    const lengthMs = Date.parse(range.to ?? '') - Date.parse(range.from ?? '');
    expect(lengthMs).toBeGreaterThan(30_000);
    expect(lengthMs).toBeLessThan(120_000);
    await plot.dblclick();
    await waitFor('the present', async () => (readRange().from === null ? true : null));
  });

  it('show a time that was typed in the reader’s own zone, refuse one that makes no sense, and keep it', async () => {
    await openComparison();
    await page.getByTestId('range-custom').click();
    const type = (field: string, text: string) => page.getByTestId(field).locator('input').fill(text);
    await type('range-from', '2026-01-02T05:30');
    await type('range-to', '2026-01-02T05:00');
    await page.getByTestId('range-apply').click();
    await page.getByText('Must be after the beginning').waitFor();
    await type('range-to', '2026-01-02T06:30');
    await page.getByTestId('range-apply').click();
    await waitFor('the range', async () => (readRange().from === null ? null : true));
    expect(readRange()).toMatchObject({ from: '2026-01-02T00:00:00.000Z', to: '2026-01-02T01:00:00.000Z' });
    await page.reload();
    await page.getByTestId('range-picker').getByText(ZONE.replace('Kolkata', ''), { exact: false }).waitFor();
    expect(readRange().from).toBe('2026-01-02T00:00:00.000Z');
  });

  it('are saved as CSV in the session of the dashboard', async () => {
    const chart = await openComparison();
    const [download] = await Promise.all([page.waitForEvent('download'), chart.getByTestId('chart-save').click()]);
    expect(download.suggestedFilename()).toBe('nodes-CPU.csv');
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toContain(`${agent.name} cpuPercent percent avg`);
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT[^,]+,\d+/m);
  });
});
