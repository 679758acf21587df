import type { RetainedRows } from '@flotilla/core-db';

const DAY_MS = 86_400_000;

/** How long rows are kept after they have served their purpose, in milliseconds. */
export const retentionMs: Readonly<Record<RetainedRows, number>> = {
  /** After it was published. */
  outbox: DAY_MS,
  /** After the token has expired, used or not. */
  joinTokens: 7 * DAY_MS,
  /** After the token has expired or its session has ended. */
  refreshTokens: DAY_MS,
  /** After the task has ended. */
  tasks: 30 * DAY_MS,
  audit: 365 * DAY_MS,
  events: 90 * DAY_MS,
  /** After it has expired: nobody can use it any more. */
  containerTemplates: 0,
  scalingDecisions: 90 * DAY_MS,
  /** After its time is over, or would have been. */
  bans: 90 * DAY_MS,
  /** What rules are tried on. */
  wafEvidence: 7 * DAY_MS,
  /** Of the chart: four a minute for each service. */
  scalingPoints: 7 * DAY_MS,
};
