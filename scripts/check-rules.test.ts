import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compliantFiles, violatingFiles } from './check-rules.fixture.ts';

const repository = resolve(import.meta.dirname, '..');
const packages = ['contracts', 'runtime', 'core-db', 'core-api', 'core-workers', 'agent', 'frontend', 'e2e', 'bench'];
const libraries = [
  'zod',
  'pg',
  'dockerode',
  'typeorm',
  '@nats-io',
  'nginx-conf',
  '@types',
  'typescript',
  'vite',
  'vitest',
  'vue',
];
const configuration = [
  '.oxlintrc.json',
  '.dependency-cruiser.mjs',
  'tsconfig.base.json',
  'tsconfig.json',
  ...packages.flatMap((name) => [`${name}/package.json`, `${name}/tsconfig.json`]),
];
const projects: string[] = [];

/** A project of its own with this repository's rules and package manifests; its path. */
function buildProject(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'flotilla-rules-'));
  projects.push(root);
  for (const file of configuration) cpSync(join(repository, file), join(root, file), { recursive: true });
  mkdirSync(join(root, 'node_modules/@flotilla'), { recursive: true });
  for (const name of libraries) symlinkSync(join(repository, 'node_modules', name), join(root, 'node_modules', name));
  for (const name of packages) symlinkSync(join(root, name), join(root, 'node_modules/@flotilla', name));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

function runTool(root: string, command: string, ...args: string[]): { status: number | null; output: string } {
  const program = command.endsWith('.mjs') ? process.execPath : join(repository, 'node_modules/.bin', command);
  const programArgs = command.endsWith('.mjs') ? [join(repository, 'scripts', command), ...args] : args;
  const { status, stdout, stderr } = spawnSync(program, programArgs, { cwd: root, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const tools = {
  oxlint: (root: string) => runTool(root, 'oxlint', '--type-aware', '--format', 'unix'),
  depcruise: (root: string) =>
    runTool(root, 'depcruise', '--config', '.dependency-cruiser.mjs', '--output-type', 'err', ...packages),
  'check-pure': (root: string) => runTool(root, 'check-pure.mjs'),
};

afterAll(() => {
  for (const root of projects) rmSync(root, { recursive: true, force: true });
});

describe.each(Object.entries(tools))('%s', (name, run) => {
  const cases = violatingFiles.filter(({ tool }) => tool === name);
  let violating: ReturnType<typeof run>;

  beforeAll(() => {
    violating = run(buildProject({ ...compliantFiles, ...Object.fromEntries(cases.map((c) => [c.file, c.text])) }));
  });

  it('accepts files that keep the rules', () => {
    const { status, output } = run(buildProject(compliantFiles));
    expect(status, output).toBe(0);
  });

  it('fails on files that break them', () => {
    expect(violating.status).not.toBe(0);
  });

  it.each(cases)('reports $rule in $file', ({ rule, file }) => {
    const lines = violating.output.split('\n').filter((line) => line.includes(file));
    expect(lines.join('\n'), violating.output).toContain(rule);
  });
});
