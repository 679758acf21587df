const POLL_INTERVAL_MS = 25;

/**
 * Polls until `read` returns something other than null, and returns it.
 * @throws after `timeoutMs`, with what was waited for and the last error
 */
export async function waitFor<Value>(
  what: string,
  read: () => Promise<Value | null> | Value | null,
  timeoutMs = 15_000,
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown = 'no error, but nothing either';
  while (Date.now() < deadline) {
    try {
      const value = await read();
      if (value !== null) return value;
    } catch (error) {
      lastError = error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}`, { cause: lastError });
}
