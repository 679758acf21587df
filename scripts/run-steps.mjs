import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/** Runs one command to its end; resolves (never rejects) with its exit code, output and duration in milliseconds. */
function runStep({ name, command }) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const chunks = [];
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const finish = (code) =>
      resolve({
        name,
        code,
        durationMs: performance.now() - startedAt,
        output: Buffer.concat(chunks).toString('utf8').trimEnd(),
      });
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => {
      chunks.push(Buffer.from(`${error.message}\n`));
      finish(1);
    });
    // A signal leaves no code: that is a failure too.
    child.on('close', (code) => finish(code ?? 1));
  });
}

/**
 * Runs all steps at once and prints a line for each as it ends, with the output of those that failed.
 * Returns the number of failed steps.
 */
export async function runSteps(steps) {
  const results = await Promise.all(
    steps.map(async (step) => {
      const result = await runStep(step);
      const mark = result.code === 0 ? 'ok    ' : 'FAILED';
      console.log(`${mark} ${result.name.padEnd(12)} ${(result.durationMs / 1000).toFixed(1)} s`);
      return result;
    }),
  );
  const failed = results.filter((result) => result.code !== 0);
  for (const { name, output } of failed) console.log(`\n--- ${name}\n${output}`);
  return failed.length;
}
