/** By then a start's work is done: the containers are read, the first configuration serves. */
const FIRST_AFTER_MS = 15_000;
/** A large configuration or many new containers leave as much behind as a start. 50 ms a minute are 0.1 % of a core. */
const INTERVAL_MS = 60_000;

/**
 * Gives back to the system what V8 keeps for the next burst: 4 to 14 MB after a start. By itself V8 does that only in a
 * process that it takes for idle, and one that wakes every few seconds is none. Takes about 50 ms each time. Needs Node's
 * --expose-gc; without it nothing happens.
 */
export function giveBackMemory(signal: AbortSignal): void {
  const { gc } = globalThis;
  if (gc === undefined || signal.aborted) return;
  const collect = (): void => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const first = setTimeout(collect, FIRST_AFTER_MS);
  const later = setInterval(collect, INTERVAL_MS);
  const end = (): void => {
    clearTimeout(first);
    clearInterval(later);
  };
  signal.addEventListener('abort', end, { once: true });
}
