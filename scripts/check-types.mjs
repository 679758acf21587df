// `npm run check:types`: one compiler run for all server packages; the dashboard needs Vue's compiler.
import { runSteps } from './run-steps.mjs';

const failed = await runSteps([
  { name: 'server', command: 'npm run --silent check:types:server' },
  { name: 'frontend', command: 'npm run --silent check:types:frontend' },
]);
process.exitCode = failed === 0 ? 0 : 1;
