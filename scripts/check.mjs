// `npm run check`: every static check, at once. Runs under the Node that npm scripts see (the pinned one).
import { runSteps } from './run-steps.mjs';

const steps = ['format', 'lint', 'boundaries', 'pure', 'types', 'unused'].map((name) => ({
  name,
  command: `npm run --silent check:${name}`,
}));

process.exitCode = (await runSteps(steps)) === 0 ? 0 : 1;
