/** Accepted polling intervals of agents. */
export const MIN_HEARTBEAT_INTERVAL_MS = 1000;
export const MAX_HEARTBEAT_INTERVAL_MS = 5000;
export const DEFAULT_HEARTBEAT_INTERVAL_MS = 2000;

/** An agent that was silent for this many intervals is offline. */
export const MISSED_HEARTBEATS_UNTIL_OFFLINE = 3;

/** Longest wait between attempts while the Core is away. */
export const MAX_HEARTBEAT_BACKOFF_MS = 30_000;

/** Largest request body that the API reads. */
export const MAX_BODY_BYTES = 1_048_576;
