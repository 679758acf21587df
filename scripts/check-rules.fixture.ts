/** A file that breaks exactly the named rule of the named tool. */
interface Violation {
  readonly tool: 'oxlint' | 'depcruise' | 'check-pure';
  readonly rule: string;
  readonly file: string;
  readonly text: string;
}

const value = 'export const value = 1;\n';

/** What the rules must leave alone: each line is the allowed twin of a violation below. */
export const compliantFiles: Record<string, string> = {
  'contracts/src/index.ts': "import { z } from 'zod';\nexport const port = z.int();\n",
  'contracts/src/inner.ts': value,
  'runtime/src/index.ts': "export { port } from '@flotilla/contracts';\n",
  'core-db/src/index.ts': "import { Client } from 'pg';\nexport const client = new Client();\n",
  'core-api/src/main.ts': "export { value } from './tasks/read-task.ts';\n",
  'core-api/src/http/send-answer.ts': value,
  'core-api/src/tasks/read-task.ts':
    "import { port } from '@flotilla/runtime';\nimport { value as answer } from '../http/send-answer.ts';\nexport const value = [port, answer];\n",
  'core-api/src/tasks/decide-lease.ts':
    'export const leaseEnd = (now: Date): Date => new Date(now.getTime() + 1000);\n',
  'core-api/src/tasks/decide-lease.test.ts':
    "import { EOL } from 'node:os';\nexport const value = [EOL, Date.now()];\n",
  'core-workers/src/scaling/read-load.ts': value,
  'agent/src/docker/read-containers.ts': "import Docker from 'dockerode';\nexport const docker = new Docker();\n",
  'frontend/src/shared/button.ts': value,
  'frontend/src/features/nodes/list.ts': "export { value } from '../../shared/button.ts';\n",
  'e2e/main.ts': "export { client } from '@flotilla/core-db';\n",
  'bench/main.ts': "console.log('figures go to the terminal');\n",
};

const lint = (rule: string, text: string, file = `runtime/src/${rule}.ts`): Violation => ({
  tool: 'oxlint',
  rule,
  file,
  text,
});
const boundary = (rule: string, file: string, imported: string): Violation => ({
  tool: 'depcruise',
  rule,
  file,
  text: `import * as imported from '${imported}';\nexport const value = imported;\n`,
});
const pure = (file: string, body: string, rule = 'no-restricted-globals'): Violation =>
  lint(rule, `export const value = (): unknown => ${body};\n`, `agent/src/nginx/${file}.ts`);

export const violatingFiles: readonly Violation[] = [
  lint('no-floating-promises', 'export function start(): void {\n  Promise.resolve(1);\n}\n'),
  lint('no-misused-promises', 'export const late = (): void => [1].forEach(async () => Promise.resolve());\n'),
  lint('no-explicit-any', 'export const value = (input: any): unknown => input;\n'),
  lint('ban-ts-comment', '// @ts-ignore\nexport const value = 1;\n'),
  lint('no-unused-vars', 'const unused = 1;\nexport const value = 2;\n'),
  lint('no-console', "console.log('hidden');\nexport const value = 2;\n"),
  lint('eqeqeq', 'export const same = (a: number, b: number): boolean => a == b;\n'),
  lint('no-empty', 'export function quiet(): void {\n  try {\n    JSON.parse("");\n  } catch {}\n}\n'),
  lint(
    'consistent-type-imports',
    "import { Later } from './later.ts';\nexport const value = (input: Later): Later => input;\n",
  ),
  lint('max-lines', 'export {};\n'.padEnd(11 + 360 * 8, ';void 0\n')),
  lint('no-restricted-imports', "export { port } from '../../contracts/src/index.ts';\n"),
  lint('no-cycle', "import { b } from './cycle.ts';\nexport const a = (): number => b();\n"),
  lint('no-cycle', "import { a } from './no-cycle.ts';\nexport const b = (): number => a();\n", 'runtime/src/cycle.ts'),

  pure('decide-now', 'Date.now()', 'no-restricted-properties'),
  pure('plan-environment', 'process.env'),
  pure('render-later', 'setTimeout(() => undefined, 1)'),
  pure('parse-often', 'setInterval(() => undefined, 1)'),
  pure('correlate-fetch', "fetch('http://localhost')"),
  pure('format-random', 'Math.random()', 'no-restricted-properties'),
  pure('choose-clock', 'performance.now()'),
  {
    tool: 'check-pure',
    rule: ':1:',
    file: 'agent/src/decide-a.ts',
    text: 'export const at = (): Date => new Date();\n',
  },
  { tool: 'check-pure', rule: ':1:', file: 'agent/src/plan-b.ts', text: 'export const at = (): Date => new Date;\n' },
  {
    tool: 'check-pure',
    rule: ':2:',
    file: 'agent/src/render-c.ts',
    text: '\nexport const at = (): string => Date();\n',
  },

  boundary('packages-contracts', 'contracts/src/x.ts', '@flotilla/runtime'),
  boundary('packages-runtime', 'runtime/src/x.ts', '@flotilla/core-db'),
  boundary('packages-core-db', 'core-db/src/x.ts', '@flotilla/runtime'),
  boundary('packages-core-api', 'core-api/src/x.ts', '../../agent/src/docker/read-containers.ts'),
  boundary('packages-core-workers', 'core-workers/src/x.ts', '../../core-api/src/main.ts'),
  boundary('packages-agent', 'agent/src/x.ts', '@flotilla/core-db'),
  boundary('packages-frontend', 'frontend/src/x.ts', '@flotilla/runtime'),
  boundary('packages-e2e', 'e2e/x.ts', '../agent/src/docker/read-containers.ts'),
  boundary('packages-bench', 'bench/x.ts', '../core-api/src/main.ts'),
  boundary('package-doors', 'runtime/src/door.ts', '../../contracts/src/inner.ts'),
  boundary('contracts-zod-only', 'contracts/src/io.ts', 'node:fs'),
  boundary('contracts-zod-only', 'contracts/src/library.ts', 'pg'),
  boundary('features-core-api', 'core-api/src/agents/x.ts', '../tasks/read-task.ts'),
  boundary('features-core-api', 'core-api/src/http/x.ts', '../tasks/read-task.ts'),
  boundary('features-core-api', 'core-api/src/agents/y.ts', '../main.ts'),
  boundary('features-core-workers', 'core-workers/src/waf/x.ts', '../scaling/read-load.ts'),
  boundary('features-agent', 'agent/src/tasks/x.ts', '../docker/read-containers.ts'),
  boundary('features-frontend', 'frontend/src/features/services/x.ts', '../nodes/list.ts'),
  boundary('shared-frontend', 'frontend/src/shared/x.ts', '../features/nodes/list.ts'),
  boundary('pure-node', 'agent/src/nginx/decide-x.ts', 'node:fs'),
  boundary('pure-imports', 'agent/src/nginx/plan-x.ts', 'dockerode'),
  boundary('pure-imports', 'agent/src/nginx/render-x.ts', '@nats-io/transport-node'),
  boundary('pure-imports', 'core-db/src/parse-x.ts', 'typeorm'),
  boundary('pure-imports', 'core-db/src/choose-x.ts', 'pg'),
  boundary('pure-io', 'agent/src/docker/format-x.ts', './read-containers.ts'),
  boundary('no-tests-in-production', 'core-api/src/tasks/x.ts', './decide-lease.test.ts'),
  boundary('no-dev-dependencies', 'agent/src/nginx/y.ts', 'nginx-conf'),
  boundary('resolvable', 'runtime/src/gone.ts', './gone-away.ts'),
];
