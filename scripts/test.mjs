// `npm test -- [FILTER …]`: installs what the tests need, starts what they share, runs them all and ends with one line
// that counts them. Plain JavaScript, like up.mjs: it runs before there are dependencies.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureDependencies } from './up/build.mjs';
import { ensurePrograms } from './up/packages.mjs';
import { step } from './up/progress.mjs';
import { ensureDocker } from './test/docker.mjs';
import { ensureTestImage } from './test/images.mjs';
import { runVitest } from './test/run-vitest.mjs';
import { addCounts, formatCounts } from './test/counts.mjs';
import { startTestDatabase } from './test/database.mjs';

const root = resolve(import.meta.dirname, '..');
const isCi = process.env.CI === 'true';

const NEEDED = [
  { program: 'nginx', packageName: 'nginx' },
  { program: 'nats-server', packageName: 'nats-server' },
  { program: 'openssl', packageName: 'openssl' },
  { program: 'chromium', packageName: 'chromium' },
  { program: 'dockerd', packageName: 'docker.io' },
  { program: 'iptables', packageName: 'iptables' },
  { program: 'busybox', packageName: 'busybox-static' },
];

/** The quick and telling ones first: whoever breaks something learns it in seconds. */
const RUNS = [['unit', 'frontend'], ['int'], ['e2e']];

async function main() {
  const filters = process.argv.slice(2);
  await step('Dependencies', () => ensureDependencies(root));
  await step('Programs', async () => {
    const installed = await ensurePrograms(NEEDED);
    return installed.length === 0 ? 'found' : `installed: ${installed.join(', ')}`;
  });
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-test-'));
  const database = await startTestDatabase(root, join(folder, 'postgres'));
  const docker = await ensureDocker(folder);
  try {
    if (docker.problem === null) await step('Test image', () => ensureTestImage());
    const env = {
      FLOTILLA_TEST_DATABASE_URL: database.url,
      FLOTILLA_TEST_DOCKER: docker.problem === null ? '1' : '0',
    };
    const counts = [];
    for (const projects of RUNS) counts.push(await runVitest({ root, folder, projects, filters, env }));
    return report(addCounts(counts), docker.problem);
  } finally {
    await docker.stop();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints the closing line and returns the exit status. */
function report(total, dockerProblem) {
  if (dockerProblem !== null) console.log(`\nTests that need Docker were skipped: ${dockerProblem}`);
  if (total.passed + total.failed === 0) console.log('\nNo test ran.');
  if (isCi && total.skipped > 0) console.log('\nIn CI a skipped test is a failure.');
  console.log(`\n${formatCounts(total)}`);
  const isGreen = total.failed === 0 && total.brokenFiles === 0 && total.passed > 0 && !(isCi && total.skipped > 0);
  return isGreen ? 0 : 1;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
