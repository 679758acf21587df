import type { TaskResult } from '@flotilla/contracts';

/** What came of a task, in a sentence or in nginx's own words. */
export function formatOutcome(result: Exclude<TaskResult, { status: 'running' }>): string {
  if (result.status === 'failed') return result.error;
  const { outcome, rejectedSites } = result.result;
  if (outcome === 'rejected') return result.result.reason;
  if (rejectedSites.length === 0) return 'Applied.';
  return `Applied, but for ${rejectedSites.length === 1 ? 'one service' : `${rejectedSites.length} services`}: ${rejectedSites[0]?.reason}`;
}
