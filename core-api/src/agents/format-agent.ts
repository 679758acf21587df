import type { Agent } from '@flotilla/contracts';
import type { AgentRecord } from '@flotilla/core-db';
import { decideConfigurationState } from './decide-configuration-state.ts';

type ShownAgent = Omit<Agent, 'lastSeenAt' | 'registeredAt' | 'configuration'> & {
  readonly lastSeenAt: Date | null;
  readonly registeredAt: Date;
  readonly configuration: Omit<Agent['configuration'], 'appliedAt'> & { readonly appliedAt: Date | null };
};

/** An agent as the API shows it. An agent that is offline has no connection to the bus, whatever it said last. */
export function formatAgent(agent: AgentRecord): ShownAgent {
  const { id, name, url, status, lastSeenAt, registeredAt, version, facts, containers } = agent;
  const { desiredRevision, appliedRevision, appliedAt, services, rejectedServices, unservedServices } = agent;
  const isRefused = agent.rejectedRevision !== null && agent.rejectedRevision === desiredRevision;
  return {
    id,
    name,
    url,
    status,
    lastSeenAt,
    registeredAt,
    version,
    bus: status === 'online' ? agent.bus : 'polling',
    clockOffsetMs: agent.clockOffsetMs,
    facts,
    containers,
    configuration: {
      state: decideConfigurationState(agent),
      desiredRevision,
      appliedRevision,
      appliedAt,
      reason: isRefused ? agent.rejectedReason : null,
      services,
      rejectedServices,
      unservedServices,
    },
  };
}
