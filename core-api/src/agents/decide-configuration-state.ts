import type { ConfigurationState } from '@flotilla/contracts';
import type { AgentRecord } from '@flotilla/core-db';

/** Where the newest desired state of a node has come to. */
export function decideConfigurationState(
  agent: Pick<AgentRecord, 'desiredRevision' | 'appliedRevision' | 'rejectedRevision' | 'rejectedServices'>,
): ConfigurationState {
  if (agent.desiredRevision === null) return 'none';
  if (agent.rejectedRevision === agent.desiredRevision || agent.rejectedServices > 0) return 'rejected';
  return agent.appliedRevision === agent.desiredRevision ? 'applied' : 'applying';
}
