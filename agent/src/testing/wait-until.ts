import { setTimeout as delay } from 'node:timers/promises';

/** Polls until something holds. @throws with `what` when it does not in time */
export async function waitUntil(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  for (const endsAt = Date.now() + timeoutMs; Date.now() < endsAt; await delay(5)) if (await isTrue()) return;
  throw new Error(`${what}: not within ${timeoutMs} ms`);
}
