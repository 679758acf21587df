export { readBusKeys } from './read-bus-keys.ts';
export { revokeAgentUsers } from './revoke-agent-users.ts';
export { signAgentUser } from './sign-agent-user.ts';
