import { launchBrowser } from '@flotilla/e2e/harness';

/** A page on a machine that is so many times as slow as this one. */
export async function openPage(slowdown: number) {
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en' });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  return { page, close: () => browser.close() };
}
