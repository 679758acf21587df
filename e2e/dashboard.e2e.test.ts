import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackend, type Backend } from './harness/backend.ts';
import { CHROMIUM_OPTIONS } from './harness/browser.ts';
import { fetchThroughProxy } from './harness/proxy-client.ts';
import { FlotillaSystem } from './harness/system.ts';
import { waitFor } from './harness/wait.ts';

const languages = [
  { language: 'en', online: 'Online', applied: 'Applied', rejected: 'Rejected' },
  { language: 'ru', online: 'В сети', applied: 'Применено', rejected: 'Отклонено' },
] as const;

/** The main job done by a person: everything through the dashboard in a real browser, in each language. */
describe('the dashboard', () => {
  let system: FlotillaSystem;
  let browser: Browser;
  const backends: Backend[] = [];

  beforeAll(async () => {
    system = await FlotillaSystem.create();
    await system.start();
    await system.waitForLocalAgent(await system.signIn());
    browser = await chromium.launch(CHROMIUM_OPTIONS);
    backends.push(await startBackend('first'), await startBackend('second'));
  });

  afterAll(async () => {
    await browser.close();
    await Promise.all(backends.map((backend) => backend.stop()));
    await system.destroy();
  });

  describe.each(languages)('in $language', ({ language, online, applied, rejected }) => {
    const domain = `${language}.example.com`;
    const problems: string[] = [];
    let page: Page;

    beforeAll(async () => {
      const context = await browser.newContext({ locale: language, viewport: { width: 1440, height: 900 } });
      page = await context.newPage();
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().includes('401')) problems.push(message.text());
      });
    });

    const byId = (id: string) => page.getByTestId(id);
    const fill = (id: string, value: string) => byId(id).locator('input, textarea').first().fill(value);
    const bodyOf = async () => (await fetchThroughProxy(system.proxyHttpPort, domain)).body;

    it('signs in', async () => {
      await page.goto(system.baseUrl);
      await fill('login-email', system.admin.email);
      await fill('login-password', system.admin.password);
      await byId('login-submit').click();
      await expect.poll(() => byId('nav-nodes').isVisible()).toBe(true);
    });

    it('shows this machine as an online node', async () => {
      await byId('nav-nodes').click();
      await expect.poll(() => byId('node-status').first().textContent()).toContain(online);
    });

    it('adds a service that serves', async () => {
      await byId('nav-services').click();
      await byId('service-add').first().click();
      await fill('service-name', `site ${language}`);
      await fill('service-domains', domain);
      await byId('service-domains').locator('input').first().press('Enter');
      await chooseHostTarget('127.0.0.1', backends[0]?.port ?? 0);
      await byId('service-save').click();
      await waitFor('the service to serve', async () => ((await bodyOf()) === 'first' ? true : null));
      await expect.poll(() => byId('service-state').first().textContent(), { timeout: 10_000 }).toContain(applied);
    });

    it('shows the generated configuration', async () => {
      await expect.poll(() => byId('service-config').textContent(), { timeout: 10_000 }).toContain(domain);
    });

    it('changes the port', async () => {
      await editService();
      await fill('service-target-port', String(backends[1]?.port));
      await byId('service-save').click();
      await waitFor('the new target to serve', async () => ((await bodyOf()) === 'second' ? true : null));
    });

    it('shows nginx’s words for a name that does not resolve, and says that the old one serves', async () => {
      await editService();
      await fill('service-target-host', 'no-such-host.invalid');
      await byId('service-save').click();
      await expect.poll(() => byId('service-state').first().textContent(), { timeout: 15_000 }).toContain(rejected);
      expect(await byId('service-reason').textContent()).toContain('host not found in upstream');
      expect(await bodyOf()).toBe('second');
    });

    it.each(['tasks', 'services'])('finds the %s of one node', async (list) => {
      await byId(`nav-${list}`).click();
      const asked = page.waitForRequest(new RegExp(`/api/${list}\\?.*agentId=`), { timeout: 10_000 });
      await byId('node-filter').locator('input').first().click();
      await page.getByRole('option').first().click();
      await asked;
      await expect.poll(() => page.getByTestId(/^(task|service)-row$/).count()).toBeGreaterThan(0);
    });

    it('reports no error on the way', () => expect(problems).toEqual([]));

    async function editService() {
      await byId('service-edit').click();
      await byId('service-name').waitFor();
    }

    async function chooseHostTarget(host: string, port: number) {
      const hostField = byId('service-target-host');
      if (!(await hostField.isVisible())) await byId('service-target-kind').getByText('host', { exact: false }).click();
      await fill('service-target-host', host);
      await fill('service-target-port', String(port));
    }
  });
});
