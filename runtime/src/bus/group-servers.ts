export interface ServerGroup {
  readonly isWebSocket: boolean;
  readonly servers: readonly string[];
}

/** Servers by transport, plain connections before WebSocket: fewer hops when both can be reached. */
export function groupServers(servers: readonly string[]): readonly ServerGroup[] {
  const groups = [false, true].map((isWebSocket) => ({
    isWebSocket,
    servers: servers.filter((server) => /^wss?:/i.test(server) === isWebSocket),
  }));
  return groups.filter((group) => group.servers.length > 0);
}
