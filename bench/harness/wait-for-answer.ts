import { fetchThroughProxy } from '@flotilla/e2e/harness';
import { performance } from 'node:perf_hooks';

/** Without a pause the asking would take the processor that the measured programs need. */
const PAUSE_MS = 2;

/** Asks again and again, each time on a new connection, until the proxy answers for `domain` with `body`. */
export async function waitForAnswer(
  proxyPort: number,
  domain: string,
  body: string,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const answer = await fetchThroughProxy(proxyPort, domain).catch(() => null);
    if (answer?.body === body) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`${domain} did not answer "${body}" within ${timeoutMs} ms`);
}
