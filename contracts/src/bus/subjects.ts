import { partitionOf } from './partitions.ts';

/**
 * The bus's address plan. An agent's id is always the last token or the second one, where the server's
 * permission templates enforce it, so a receiver may believe it.
 */
export const subjects = {
  /** Core to agent, core NATS: "heartbeat now". Carries no payload that matters. */
  agentWake: (agentId: string) => `agents.${agentId}.wake`,
  /** Agent to Core, core NATS: a session begins or ends. */
  agentPresence: (agentId: string) => `agents.${agentId}.presence`,
  allAgentPresence: 'agents.*.presence',
  /** JetStream: one sample of a host and its containers; the partition is that of the agent. */
  metrics: (agentId: string) => `telemetry.metrics.${partitionOf(agentId)}.${agentId}`,
  allMetrics: 'telemetry.metrics.*.*',
  /** JetStream: the load of services on one node; the partition is that of the services. */
  load: (partition: number, agentId: string) => `telemetry.load.${partition}.${agentId}`,
  loadOfPartition: (partition: number) => `telemetry.load.${partition}.*`,
  allLoad: 'telemetry.load.*.*',
  /** JetStream: requests of one node, counted; the partition is that of the agent. */
  traffic: (agentId: string) => `telemetry.traffic.${partitionOf(agentId)}.${agentId}`,
  allTraffic: 'telemetry.traffic.*.*',
  /** JetStream: clients of one node that did something suspicious; the partition is that of the clients' networks. */
  suspects: (partition: number, agentId: string) => `telemetry.suspects.${partition}.${agentId}`,
  suspectsOfPartition: (partition: number) => `telemetry.suspects.${partition}.*`,
  allSuspects: 'telemetry.suspects.*.*',
  /** Core NATS: a worker process tells every few seconds how its consumers do. */
  workerReport: (workerId: string) => `workers.${workerId}.report`,
  allWorkerReports: 'workers.*.report',
  /** JetStream: what happened, for notifications and the timeline. */
  event: (kind: string, subjectId: string) => `events.${kind}.${subjectId}`,
  allEvents: 'events.>',
  /** JetStream: messages that a consumer gave up on. */
  deadLetter: (stream: string, consumer: string) => `dead.${stream}.${consumer}`,
  allDeadLetters: 'dead.>',
} as const;

/** The agent that the server enforced in a subject `agents.<agentId>.…`; null for any other subject. */
export function parseAgentSubject(subject: string): string | null {
  const [root, agentId, leaf] = subject.split('.');
  return root === 'agents' && agentId !== undefined && leaf !== undefined ? agentId : null;
}

/** The agent that the server enforced in a subject `telemetry.<kind>.<partition>.<agentId>`; null for any other subject. */
export function parseTelemetrySubject(subject: string): string | null {
  const [root, , , agentId, ...rest] = subject.split('.');
  return root === 'telemetry' && agentId !== undefined && rest.length === 0 ? agentId : null;
}

/** Inboxes of one agent; the server lets it subscribe to no other. */
export function agentInboxPrefix(agentId: string): string {
  return `_INBOX.${agentId}`;
}
