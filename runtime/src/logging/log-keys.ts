/** Names of the fields that log lines share, spelled once so that a search for one finds them all. */
export const LOG_KEYS = {
  agentId: 'agentId',
  agentName: 'agentName',
  serviceId: 'serviceId',
  taskId: 'taskId',
  taskType: 'taskType',
  userId: 'userId',
  revision: 'revision',
  requestId: 'requestId',
  subject: 'subject',
  stream: 'stream',
  consumer: 'consumer',
  role: 'role',
  durationMs: 'durationMs',
  attempt: 'attempt',
} as const;
