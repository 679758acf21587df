import { performance } from 'node:perf_hooks';

/** Runs one step of the start and prints a line for it: what, with which result, in how many seconds. */
export async function step(title, work) {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  try {
    const note = await work();
    console.log(`✓ ${title}${note ? ` ${note}` : ''} (${seconds()})`);
  } catch (error) {
    console.log(`✗ ${title} (${seconds()})`);
    throw error;
  }
}
