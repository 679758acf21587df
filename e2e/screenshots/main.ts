// Pictures of every page in every look, with checks for accessibility, overflow and errors in the console:
// npm run screenshots -w @flotilla/e2e -- --url http://127.0.0.1:8080 --email … --password … [--only nodes,1440-dark]
import { listAgents, listServices, login } from '@flotilla/contracts';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { ApiClient } from '../harness/api.ts';
import { CHROMIUM_OPTIONS } from '../harness/browser.ts';
import { planLooks } from './plan-looks.ts';
import { planShots } from './plan-shots.ts';
import { takeShots } from './take-shots.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    email: { type: 'string' },
    password: { type: 'string' },
    output: { type: 'string', default: join(import.meta.dirname, '..', '..', 'test-results', 'screenshots') },
    only: { type: 'string', default: '' },
  },
});
const { url, email, password } = values;
if (url === undefined || email === undefined || password === undefined) {
  throw new Error('needs --url, --email and --password of a running installation');
}

const outputDir = resolve(values.output);
await mkdir(outputDir, { recursive: true });
const { accessToken } = await new ApiClient(url).expect(login, { body: { email, password } });
const api = new ApiClient(url, accessToken);
const query = { pageSize: '200' };
const { items: agents } = await api.expect(listAgents, { query });
const { items: services } = await api.expect(listServices, { query });

/** `--only` names looks (`390`, `dark-ru`) and pages; a kind that it does not mention is taken whole. */
const wanted = values.only.split(',').filter((word) => word !== '');
const choose = <Thing extends { name: string }>(
  things: readonly Thing[],
  matches: (name: string, word: string) => boolean,
) => {
  const chosen = things.filter(({ name }) => wanted.some((word) => matches(name, word)));
  return chosen.length === 0 ? things : chosen;
};
const looks = choose(planLooks(), (name, word) => name.includes(word));
const shots = choose(planShots(agents, services), (name, word) => name === word);

const browser = await chromium.launch(CHROMIUM_OPTIONS);
const problems: string[] = [];
for (const look of looks) {
  problems.push(
    ...(await takeShots({ browser, baseUrl: url, credentials: { email, password }, outputDir }, look, shots)),
  );
}
await browser.close();

process.stdout.write(`${looks.length * (shots.length + 1)} pictures in ${outputDir}\n`);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
