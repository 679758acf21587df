import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** Polls until there is something. @throws Error after the time */
export async function waitFor<Value>(
  what: string,
  find: () => Value | undefined | Promise<Value | undefined>,
  timeoutMs = 10_000,
): Promise<Value> {
  const endsAt = Date.now() + timeoutMs;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > endsAt) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await delay(POLL_MS);
  }
}
