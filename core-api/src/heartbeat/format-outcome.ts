import type { ScaleResult, TaskResult, UpdateNginxResult } from '@flotilla/contracts';

const SCALE_OUTCOMES: Readonly<Record<ScaleResult['outcome'], string>> = {
  accepted: 'Accepted.',
  outdated: 'The node knew a newer number already.',
  unknown_service: 'The node runs no replicas of this service.',
};

/** What came of a task, in a sentence or in nginx's own words. */
export function formatOutcome(result: Exclude<TaskResult, { status: 'running' }>): string {
  if (result.status === 'failed') return result.error;
  return result.type === 'SCALE' ? SCALE_OUTCOMES[result.result.outcome] : formatConfiguration(result.result);
}

function formatConfiguration(result: UpdateNginxResult): string {
  const { outcome, rejectedSites } = result;
  if (outcome === 'rejected') return result.reason;
  if (rejectedSites.length === 0) return 'Applied.';
  return `Applied, but for ${rejectedSites.length === 1 ? 'one service' : `${rejectedSites.length} services`}: ${rejectedSites[0]?.reason}`;
}
