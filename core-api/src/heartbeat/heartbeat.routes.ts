import { heartbeat } from '@flotilla/contracts';
import { handleAgentKey, type BoundRoute } from '../http/index.ts';
import { answerHeartbeat, type HeartbeatDeps } from './answer-heartbeat.ts';

export function heartbeatRoutes(deps: HeartbeatDeps): BoundRoute[] {
  return [
    handleAgentKey(heartbeat, async ({ apiKey, body, clientAddress }) =>
      answerHeartbeat(deps, { apiKey, clientAddress }, body),
    ),
  ];
}
