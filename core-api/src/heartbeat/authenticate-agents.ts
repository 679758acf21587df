import { timingSafeEqual } from 'node:crypto';
import { findHeartbeatAgents, type DatabaseSession, type HeartbeatAgent } from '@flotilla/core-db';
import { Unauthorized } from '../http/index.ts';
import { hashSecretToken } from '../shared/secret-token.ts';
import { BatchLoader } from './batch-loader.ts';
import { parseApiKey } from './parse-api-key.ts';

/** One query's worth: enough that a large fleet needs few, small enough that none of them takes long. */
const MAX_BATCH = 500;
const REFUSED = 'This API key is unknown or of a node that was removed; join again with a new join token.';

/** Looks agents up by their API keys, all that arrive together with one query. */
export class AgentKeys {
  readonly #agents: BatchLoader<HeartbeatAgent>;

  constructor(database: DatabaseSession) {
    this.#agents = new BatchLoader(async (ids) => {
      const found = await findHeartbeatAgents(database, ids);
      return new Map(found.map((agent) => [agent.id, agent]));
    }, MAX_BATCH);
  }

  /** @throws Unauthorized when no agent has this key */
  async authenticate(apiKey: string): Promise<HeartbeatAgent> {
    const id = parseApiKey(apiKey);
    const agent = id === null ? undefined : await this.#agents.find(id);
    if (agent === undefined || !isSameHash(hashSecretToken(apiKey), agent.apiKeyHash)) throw new Unauthorized(REFUSED);
    return agent;
  }
}

function isSameHash(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
