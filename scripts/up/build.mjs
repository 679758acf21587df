import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

/** The pinned Node, whichever one started this script. */
export function pinnedNode(root) {
  return join(root, 'node_modules', 'node', 'bin', 'node');
}

/** Environment in which the pinned Node is `node`. */
export function pinnedEnv(root) {
  return { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` };
}

/** npm writes this file at the end of each installation. */
function isInstalled(root) {
  const marker = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(marker) || !existsSync(pinnedNode(root))) return false;
  return statSync(marker).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

/** `npm ci`, unless what is installed is as new as the lock file. */
export async function ensureDependencies(root) {
  if (isInstalled(root)) return 'up to date';
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root });
  return 'installed';
}

/** Newest modification time in milliseconds of the files below the paths. */
function newestChange(paths) {
  return Math.max(
    ...paths.map((path) => {
      const stat = statSync(path);
      if (!stat.isDirectory()) return stat.mtimeMs;
      const inside = readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.name !== 'node_modules' && entry.name !== 'dist')
        .map((entry) => join(path, entry.name));
      return inside.length === 0 ? stat.mtimeMs : newestChange(inside);
    }),
  );
}

/** Runs `build` unless it ran for these very sources already. */
async function buildWhenChanged(outputDir, sources, build) {
  mkdirSync(outputDir, { recursive: true });
  const stampFile = join(outputDir, '.sources');
  const stamp = String(newestChange(sources));
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return 'up to date';
  await build();
  writeFileSync(stampFile, stamp);
  return 'built';
}

/** @returns {Promise<string>} what was done */
export function buildDashboard(root, outputDir) {
  const sources = ['frontend', 'contracts/src', 'package-lock.json'].map((path) => join(root, path));
  return buildWhenChanged(outputDir, sources, () =>
    run(join(root, 'node_modules', '.bin', 'vite'), ['build', '--outDir', outputDir, '--emptyOutDir'], {
      cwd: join(root, 'frontend'),
      env: pinnedEnv(root),
    }),
  );
}

/** @returns {Promise<string>} what was done */
export function buildAgent(root, outputDir) {
  const sources = ['agent', 'runtime', 'contracts/src', 'package-lock.json'].map((path) => join(root, path));
  return buildWhenChanged(outputDir, sources, () =>
    run(
      pinnedNode(root),
      [join(root, 'scripts', 'build-agent.mjs'), 'agent/src/main.ts', join(outputDir, 'flotilla-agent.mjs')],
      { cwd: root, env: pinnedEnv(root) },
    ),
  );
}
