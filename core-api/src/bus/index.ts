export { readBusKeys } from './read-bus-keys.ts';
export { BusAccountError, revokeAgentUsers, type RevokeAgentUsersDeps } from './revoke-agent-users.ts';
export { signAgentUser, type AgentUser } from './sign-agent-user.ts';
