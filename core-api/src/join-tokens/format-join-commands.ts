/** What keeps the agent small; compose/README.md says what each flag is worth. The image has them in itself. */
const NODE_FLAGS =
  '--max-semi-space-size=1 --no-opt --no-maglev --no-sparkplug --bytecode-old-age=1 --no-incremental-marking --expose-gc';

export interface JoinCommands {
  readonly docker: string;
  readonly bareHost: string;
}

/**
 * Commands that join a node, ready to paste into a shell.
 * @param publicUrl how the node reaches the Core, without a slash at the end
 * @param agentName the node's name; without one the agent takes the host's
 */
export function formatJoinCommands(publicUrl: string, token: string, agentName: string | null): JoinCommands {
  const settings = [
    ['FLOTILLA_CORE_URL', publicUrl],
    ['FLOTILLA_JOIN_TOKEN', token],
    ...(agentName === null ? [] : [['FLOTILLA_AGENT_NAME', agentName]]),
  ].map(([name, value = '']) => `${name}=${quote(value)}`);
  const docker = [
    'docker run -d --name flotilla-agent --restart unless-stopped --network host',
    '-v /:/host:ro -v /var/run/docker.sock:/var/run/docker.sock -v flotilla-agent:/var/lib/flotilla-agent',
    ...settings.map((setting) => `-e ${setting}`),
    'flotilla-agent',
  ].join(' ');
  const download = `curl -fsSL ${quote(`${publicUrl}/agent/flotilla-agent.mjs`)} -o flotilla-agent.mjs`;
  return {
    docker,
    bareHost: `${download} && sudo MALLOC_ARENA_MAX=1 ${settings.join(' ')} node ${NODE_FLAGS} flotilla-agent.mjs`,
  };
}

/** POSIX shell quoting, only where it is needed: an unquoted command is easier to read. */
function quote(value: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
