import type { ScaleResult, TaskResult, UpdateNginxResult } from '@flotilla/contracts';

const SCALE_OUTCOMES: Readonly<Record<ScaleResult['outcome'], string>> = {
  accepted: 'Accepted.',
  outdated: 'The node knew a newer number already.',
  unknown_service: 'The node runs no replicas of this service.',
};

/** What came of a task, in a sentence or in nginx's own words. */
export function formatOutcome(result: Exclude<TaskResult, { status: 'running' }>): string {
  if (result.status === 'failed') return result.error;
  switch (result.type) {
    case 'SCALE':
      return SCALE_OUTCOMES[result.result.outcome];
    case 'READ_CONTAINER':
      return result.result.outcome === 'read' ? 'Read.' : 'The node has no such container.';
    case 'UPDATE_NGINX':
      return formatConfiguration(result.result);
  }
}

function formatConfiguration(result: UpdateNginxResult): string {
  const { outcome, rejectedSites } = result;
  if (outcome === 'rejected') return result.reason;
  if (rejectedSites.length === 0) return 'Applied.';
  return `Applied, but for ${rejectedSites.length === 1 ? 'one service' : `${rejectedSites.length} services`}: ${rejectedSites[0]?.reason}`;
}
