import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedEnv, pinnedNode } from '../up/build.mjs';
import { readCounts } from './counts.mjs';

/**
 * Runs vitest's projects, shows what it prints, and counts.
 * @returns {Promise<import('./counts.mjs').Counts>}
 */
export async function runVitest({ root, folder, projects, filters, env }) {
  const reportFile = join(folder, `${projects.join('-')}.json`);
  const args = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...filters,
  ];
  const exitCode = await new Promise((resolvePromise, reject) => {
    const child = spawn(pinnedNode(root), args, { cwd: root, env: { ...pinnedEnv(root), ...env }, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolvePromise(code ?? 1));
  });
  if (!existsSync(reportFile)) return { passed: 0, failed: 0, skipped: 0, brokenFiles: exitCode === 0 ? 0 : 1 };
  const counts = readCounts(JSON.parse(readFileSync(reportFile, 'utf8')));
  // An error outside every file, such as an unhandled rejection, is in the exit code alone.
  const isUnexplained = exitCode !== 0 && counts.failed + counts.brokenFiles === 0;
  return { ...counts, brokenFiles: counts.brokenFiles + (isUnexplained ? 1 : 0) };
}
