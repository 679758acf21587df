import { SettingsError, type Logger } from '@flotilla/runtime';
import { register } from './registration/register.ts';
import type { AgentSettings } from './settings.ts';
import { createCoreClient } from './shared/core-client.ts';
import type { StateRepository } from './state/agent-state.repository.ts';
import type { AgentState } from './state/agent-state.ts';

export interface ObtainStateDeps {
  readonly repository: StateRepository;
  readonly version: string;
  /** For a node that was given no name. */
  readonly hostname: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Who this agent is: from its state file, or by joining with the token. A token is used once; an agent that has joined
 * ignores it, so the command that joined it can start it again.
 * @throws SettingsError, CorruptStateError, RegistrationError
 */
export async function obtainState(settings: AgentSettings, deps: ObtainStateDeps): Promise<AgentState> {
  const { repository, logger, signal } = deps;
  const known = await repository.read();
  if (known !== null) return adjustCoreUrl(known, settings, deps);

  const { coreUrl, joinToken } = readJoinSettings(settings);
  const name = settings.agentName ?? (deps.hostname.slice(0, 80) || 'node');
  const core = createCoreClient(coreUrl);
  try {
    const { agentId, apiKey, bus } = await register(
      { joinToken, name, version: deps.version },
      { core, logger, signal },
    );
    const state = { agentId, apiKey, coreUrl, bus };
    await repository.write(state);
    return state;
  } finally {
    core.close();
  }
}

async function adjustCoreUrl(
  known: AgentState,
  { coreUrl, joinToken }: AgentSettings,
  { repository, logger }: ObtainStateDeps,
): Promise<AgentState> {
  if (joinToken !== undefined) logger.info('has joined before; FLOTILLA_JOIN_TOKEN is not used');
  if (coreUrl === undefined || coreUrl === known.coreUrl) return known;
  logger.warn({ before: known.coreUrl, coreUrl }, 'the Core has another address than at the registration');
  const state = { ...known, coreUrl };
  await repository.write(state);
  return state;
}

function readJoinSettings({ coreUrl, joinToken }: AgentSettings): { coreUrl: string; joinToken: string } {
  if (coreUrl !== undefined && joinToken !== undefined) return { coreUrl, joinToken };
  const problem = 'is missing, and this agent has not joined yet';
  throw new SettingsError([
    ...(coreUrl === undefined
      ? [{ name: 'FLOTILLA_CORE_URL', problem, accepted: 'the Core’s address: http(s)://…' }]
      : []),
    ...(joinToken === undefined
      ? [{ name: 'FLOTILLA_JOIN_TOKEN', problem, accepted: 'a join token from the dashboard: flj_…' }]
      : []),
  ]);
}
