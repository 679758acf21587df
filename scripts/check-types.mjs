// `npm run check:types`: one compiler run for all server packages; the dashboard needs Vue's compiler.
import { runSteps } from './run-steps.mjs';

const failed = await runSteps([
  { name: 'server', command: 'tsc -p tsconfig.json' },
  { name: 'frontend', command: 'vue-tsc -p frontend/tsconfig.json' },
]);
process.exitCode = failed === 0 ? 0 : 1;
