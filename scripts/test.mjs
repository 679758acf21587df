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
];
const NEEDED_FOR_DOCKER = [
  { program: 'dockerd', packageName: 'docker.io' },
  { program: 'iptables', packageName: 'iptables' },
  { program: 'busybox', packageName: 'busybox-static' },
];

/** The quick and telling ones first: whoever breaks something learns it in seconds. */
const RUNS = [['unit', 'frontend'], ['int'], ['e2e']];

async function main() {
  const filters = process.argv.slice(2);
  await step('Dependencies', () => ensureDependencies(root));
  await step('Programs', () => installPrograms(NEEDED));
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-test-'));
  // Ctrl-C ends the test runner, which is in the terminal's process group; the servers are not, and end here.
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupt.abort());
  const cleanUp = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const database = await startTestDatabase(root, join(folder, 'postgres'));
    cleanUp.unshift(database.stop);
    const docker = await prepareDocker(folder);
    cleanUp.unshift(docker.stop);
    const env = {
      FLOTILLA_TEST_DATABASE_URL: database.url,
      FLOTILLA_TEST_DOCKER: docker.problem === null ? '1' : '0',
    };
    const counts = [];
    for (const projects of RUNS) {
      if (interrupt.signal.aborted) throw new Error('interrupted');
      counts.push(await runVitest({ root, folder, projects, filters, env }));
    }
    return { total: addCounts(counts), dockerProblem: docker.problem };
  } finally {
    for (const clean of cleanUp) await clean();
  }
}

async function installPrograms(programs) {
  const installed = await ensurePrograms(programs);
  return installed.length === 0 ? 'found' : `installed: ${installed.join(', ')}`;
}

/** Docker is the one thing that a machine may lack: the tests that need it are then skipped, and counted. */
async function prepareDocker(folder) {
  try {
    await step('Docker', () => installPrograms(NEEDED_FOR_DOCKER));
  } catch (error) {
    return { problem: error.message, stop: async () => undefined };
  }
  const docker = await ensureDocker(folder);
  if (docker.problem === null) await step('Test image', () => ensureTestImage());
  return docker;
}

/** Prints the closing line and returns the exit status. */
function report({ total, dockerProblem }) {
  if (dockerProblem !== null) console.log(`\nTests that need Docker were skipped: ${dockerProblem}`);
  if (total.passed + total.failed === 0) console.log('\nNo test ran.');
  if (isCi && total.skipped > 0) console.log('\nIn CI a skipped test is a failure.');
  console.log(`\n${formatCounts(total)}`);
  const isGreen = total.failed === 0 && total.brokenFiles === 0 && total.passed > 0 && !(isCi && total.skipped > 0);
  return isGreen ? 0 : 1;
}

main().then(
  (result) => {
    process.exitCode = report(result);
  },
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
