import axe from 'axe-core';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { waitFor } from '../harness/wait.ts';
import type { Look } from './plan-looks.ts';
import type { Shot } from './plan-shots.ts';
import { readPageProblems } from './read-page-problems.ts';

const SETTLE_TIMEOUT_MS = 10_000;

export interface Visit {
  readonly browser: Browser;
  readonly baseUrl: string;
  readonly credentials: { readonly email: string; readonly password: string };
  readonly outputDir: string;
}

/** Visits all pages in one look, saves a picture of each, and returns what is wrong, one line a problem. */
export async function takeShots(visit: Visit, look: Look, shots: readonly Shot[]): Promise<string[]> {
  const { locale, colorScheme, viewport } = look;
  const context = await visit.browser.newContext({ locale, colorScheme, viewport, reducedMotion: 'reduce' });
  await context.addInitScript({ content: axe.source });
  const page = await context.newPage();
  const problems: string[] = [];
  let current = 'sign-in';
  const note = (text: string) => problems.push(`${look.name} ${current}: ${text}`);
  page.on('pageerror', (error) => note(error.message));
  page.on('console', (message) => {
    // A visitor without a session is told so by a 401, which the browser logs.
    if (message.type() === 'error' && !message.text().includes('401')) note(message.text());
  });
  const save = async (name: string) => {
    await page.screenshot({ path: join(visit.outputDir, `${name}-${look.name}.png`), fullPage: true });
    for (const problem of await readPageProblems(page)) note(problem);
  };

  await page.goto(visit.baseUrl);
  await page.getByTestId('login-email').waitFor();
  await save('sign-in');
  await signIn(page, visit.credentials);
  for (const shot of shots) {
    current = shot.name;
    try {
      await open(page, visit.baseUrl, shot);
    } catch (error) {
      // The picture of a page that does not come up is what tells why.
      note(error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error));
    }
    await save(shot.name);
  }
  await context.close();
  return problems;
}

async function open(page: Page, baseUrl: string, { path, clicks }: Shot): Promise<void> {
  await page.goto(baseUrl + path);
  await settle(page);
  for (const testId of clicks) await page.getByTestId(testId).first().click({ timeout: SETTLE_TIMEOUT_MS });
  if (clicks.length > 0) await settle(page);
}

async function signIn(page: Page, { email, password }: Visit['credentials']): Promise<void> {
  await page.getByTestId('login-email').locator('input').fill(email);
  await page.getByTestId('login-password').locator('input').fill(password);
  await page.getByTestId('login-submit').click();
  await page.getByTestId('nav-nodes').waitFor({ timeout: SETTLE_TIMEOUT_MS });
}

/** True once the page has read its data and nothing moves any more. */
const IS_SETTLED = `document.querySelector('[role=progressbar]:not([aria-hidden=true])') === null &&
  document.getAnimations().every(({ playState }) => playState !== 'running')`;

/** Pages poll, so their network is never idle for long: what they show is waited for instead. */
async function settle(page: Page): Promise<void> {
  await page.locator('h1, h2, [role=dialog]').first().waitFor({ timeout: SETTLE_TIMEOUT_MS });
  await waitFor('the page to settle', async () => (await page.evaluate<boolean>(IS_SETTLED)) || null);
}
