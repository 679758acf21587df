// Who may import whom (docs/architecture.md). Each rule has a negative control in scripts/check-rules.test.ts.
import { existsSync, readFileSync } from 'node:fs';

const allowedPackages = {
  contracts: [],
  runtime: ['contracts'],
  traffic: ['contracts'],
  'core-db': ['contracts'],
  'core-api': ['core-db', 'runtime', 'traffic', 'contracts'],
  'core-workers': ['core-db', 'runtime', 'traffic', 'contracts'],
  agent: ['runtime', 'traffic', 'contracts'],
  frontend: ['contracts'],
  e2e: ['core-db', 'runtime', 'contracts'],
  // What a benchmark measures it starts as the end-to-end tests do.
  bench: ['e2e', 'core-db', 'runtime', 'traffic', 'contracts'],
};
const packages = Object.keys(allowedPackages);

/** Where an application keeps its features, and the folders beside them that every feature may import. */
const applications = {
  'core-api': { root: 'core-api/src', shared: ['http', 'shared'] },
  'core-workers': { root: 'core-workers/src', shared: ['consumer', 'shared'] },
  agent: { root: 'agent/src', shared: ['shared'] },
};

const testFiles = String.raw`\.test\.ts$|/testing/`;
const pureFiles = String.raw`(^|/)(decide|plan|render|parse|correlate|format|choose)-[^/]*\.ts$`;
const ioFiles = String.raw`(^|/)((read|apply|publish|tail|send|write|run)-[^/]*|[^/]*\.repository)\.ts$`;
const escape = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** The files that a package's `exports` map opens to others. */
function doorsOf(name) {
  const manifest = `${name}/package.json`;
  if (!existsSync(manifest)) return [];
  const { exports: doors = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
  return Object.values(doors).map((file) => `^${escape(`${name}/${file.replace('./', '')}`)}$`);
}

const packageRules = packages.map((name) => ({
  name: `packages-${name}`,
  comment: `${name} may import ${allowedPackages[name].join(', ') || 'no other package'}.`,
  severity: 'error',
  from: { path: `^${name}/` },
  to: { path: `^(${packages.join('|')})/`, pathNot: `^(${[name, ...allowedPackages[name]].join('|')})/` },
}));

const featureRules = Object.entries(applications).map(([name, { root, shared }]) => ({
  name: `features-${name}`,
  comment: 'A feature imports its own files and the shared folders; main.ts hands it what it needs of another feature.',
  severity: 'error',
  from: { path: `^${root}/([^/]+)/`, pathNot: testFiles },
  to: { path: `^${root}/`, pathNot: `^${root}/($1|${shared.join('|')})/` },
}));

export default {
  forbidden: [
    ...packageRules,
    ...featureRules,
    {
      name: 'features-frontend',
      comment: 'A feature of the dashboard imports its own files, shared/ and i18n/.',
      severity: 'error',
      from: { path: '^frontend/src/features/([^/]+)/', pathNot: testFiles },
      to: { path: '^frontend/src/', pathNot: '^frontend/src/(features/$1|shared|i18n)/' },
    },
    {
      name: 'shared-frontend',
      comment: 'shared/ and i18n/ know no feature; i18n/ joins the texts that lie beside each.',
      severity: 'error',
      from: { path: '^frontend/src/(shared|i18n)/', pathNot: testFiles },
      to: { path: '^frontend/src/features/', pathNot: '\\.(en|ru)\\.ts$' },
    },
    {
      name: 'package-doors',
      comment: 'Another package is imported through its exports map only.',
      severity: 'error',
      from: { path: `^(${packages.join('|')})/` },
      to: { path: `^(${packages.join('|')})/`, pathNot: ['^$1/', ...packages.flatMap(doorsOf)] },
    },
    {
      name: 'contracts-zod-only',
      comment: 'contracts has no I/O and depends on zod alone.',
      severity: 'error',
      from: { path: '^contracts/', pathNot: testFiles },
      to: { path: '.', pathNot: ['^contracts/', '(^|/)node_modules/zod/'] },
    },
    {
      name: 'pure-imports',
      comment: 'A pure file imports neither node:* nor a library that does I/O, not even for types.',
      severity: 'error',
      from: { path: pureFiles, pathNot: testFiles },
      to: { path: String.raw`(^|/)node_modules/(dockerode|@types/dockerode|@nats-io|typeorm|pg|@types/pg)/` },
    },
    {
      name: 'pure-node',
      comment: 'A pure file imports neither node:* nor a library that does I/O, not even for types.',
      severity: 'error',
      from: { path: pureFiles, pathNot: testFiles },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-io',
      comment: 'A pure file calls no file that does I/O; it may use its types.',
      severity: 'error',
      from: { path: pureFiles, pathNot: testFiles },
      to: { path: ioFiles, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-tests-in-production',
      comment: 'Only tests import tests and testing/ folders.',
      severity: 'error',
      from: { path: `^(${packages.filter((name) => name !== 'e2e').join('|')})/src/`, pathNot: testFiles },
      to: { path: testFiles, pathNot: 'node_modules' },
    },
    {
      name: 'no-dev-dependencies',
      comment: 'What runs in production is in dependencies, not in devDependencies.',
      severity: 'error',
      from: { path: `^(${packages.filter((name) => name !== 'e2e').join('|')})/src/`, pathNot: testFiles },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere fails only when the process starts.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    exclude: { path: '^[^/]+/dist/' },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.vue', '.d.ts', '.json'],
    },
  },
};
