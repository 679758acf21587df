import { timingSafeEqual } from 'node:crypto';
import { findHeartbeatAgents, type DatabaseSession, type HeartbeatAgent } from '@flotilla/core-db';
import { Unauthorized, Unavailable } from '../http/index.ts';
import { hashSecretToken } from '../shared/secret-token.ts';
import { BatchLoader, BatchLoaderFull } from './batch-loader.ts';
import { parseApiKey } from './parse-api-key.ts';

/** One query's worth: enough that a large fleet needs few, small enough that none of them takes long. */
const MAX_BATCH = 500;
/** Seconds' worth of the largest fleet; a database that is so far behind gets no more work from here. */
const MAX_WAITING = 10_000;
const RETRY_AFTER_SECONDS = 2;
const REFUSED = 'This API key is unknown or of a node that was removed; join again with a new join token.';

/** Looks agents up by their API keys, all that arrive together with one query. */
export class AgentKeys {
  readonly #agents: BatchLoader<HeartbeatAgent>;

  constructor(database: DatabaseSession) {
    this.#agents = new BatchLoader(
      async (ids) => {
        const found = await findHeartbeatAgents(database, ids);
        return new Map(found.map((agent) => [agent.id, agent]));
      },
      { maxBatch: MAX_BATCH, maxWaiting: MAX_WAITING },
    );
  }

  /** @throws Unauthorized when no agent has this key; Unavailable when too many look-ups wait */
  async authenticate(apiKey: string): Promise<HeartbeatAgent> {
    const id = parseApiKey(apiKey);
    const agent = id === null ? undefined : await this.#find(id);
    if (agent === undefined || !isSameHash(hashSecretToken(apiKey), agent.apiKeyHash)) throw new Unauthorized(REFUSED);
    return agent;
  }

  /** Resolves when all look-ups have been answered. */
  drain(): Promise<void> {
    return this.#agents.drain();
  }

  async #find(id: string): Promise<HeartbeatAgent | undefined> {
    try {
      return await this.#agents.find(id);
    } catch (error) {
      if (!(error instanceof BatchLoaderFull)) throw error;
      throw new Unavailable('Too many agents ask at once.', RETRY_AFTER_SECONDS, error);
    }
  }
}

function isSameHash(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
