// Pure files take the time as a parameter. The linter forbids Date.now and the timers by name but cannot tell
// `new Date()` (reads the clock) from `new Date(value)` (does not), so this looks at the syntax tree.
import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import ts from 'typescript';

const pureName = /^(decide|plan|render|parse|correlate|format|choose)-.*\.ts$/;

/** Line numbers (from 1) where the source makes a Date without an argument. */
function findClockReads(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const lines = [];
  const visit = (node) => {
    const isDate =
      (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText(source) === 'Date';
    // Date(value) without `new` ignores its argument and answers with the current time.
    if (isDate && (ts.isCallExpression(node) || !node.arguments?.length)) {
      lines.push(source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lines;
}

const root = resolve(process.argv[2] ?? '.');
const files = globSync('*/**/*.ts', { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] }).filter(
  (file) => pureName.test(basename(file)) && !file.endsWith('.test.ts'),
);
const found = files.flatMap((file) => findClockReads(resolve(root, file)).map((line) => `${file}:${line}`));
for (const place of found)
  console.error(`${place}: a pure file takes the time as a parameter, it does not read the clock`);
process.exitCode = found.length === 0 ? 0 : 1;
