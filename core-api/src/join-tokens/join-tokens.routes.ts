import { createJoinToken, deleteJoinToken, listJoinTokens, type JoinToken } from '@flotilla/contracts';
import {
  deleteJoinToken as removeJoinToken,
  insertJoinToken,
  listJoinTokens as readJoinTokens,
  recordAudit,
  type DatabaseSession,
  type JoinTokenRecord,
} from '@flotilla/core-db';
import { handle, NotFound, type BoundRoute, type Serialisable } from '../http/index.ts';
import { userActor } from '../shared/audit-actor.ts';
import { formatJoinCommands } from './format-join-commands.ts';
import { makeJoinToken } from '../shared/make-join-token.ts';

export interface JoinTokensRoutesDeps {
  readonly database: DatabaseSession;
  readonly inTransaction: <Value>(work: (tx: DatabaseSession) => Promise<Value>) => Promise<Value>;
  readonly now: () => Date;
  readonly publicUrl: string;
}

export function joinTokensRoutes(deps: JoinTokensRoutesDeps): BoundRoute[] {
  return [
    handle(createJoinToken, async ({ body, user, clientAddress }) => {
      const now = deps.now();
      const agentName = body.agentName ?? null;
      const { token, row } = makeJoinToken({ agentName, createdBy: { id: user.id, name: user.email } }, now);
      const stored = await deps.inTransaction(async (tx) => {
        const inserted = await insertJoinToken(tx, row);
        await recordAudit(tx, {
          action: 'join_token.created',
          actor: userActor(user),
          subject: nameSubject(inserted),
          clientAddress,
          after: { agentName, expiresAt: inserted.expiresAt },
        });
        return inserted;
      });
      const commands = formatJoinCommands(deps.publicUrl, token, agentName);
      return { ...showJoinToken(stored, now), token, commands };
    }),
    handle(listJoinTokens, async ({ query }) => {
      const { items, total } = await readJoinTokens(deps.database, query);
      const now = deps.now();
      return {
        items: items.map((item) => showJoinToken(item, now)),
        total,
        page: query.page,
        pageSize: query.pageSize,
      };
    }),
    handle(deleteJoinToken, async ({ params, user, clientAddress }) => {
      await deps.inTransaction(async (tx) => {
        const removed = await removeJoinToken(tx, params.id);
        if (removed === null) throw new NotFound('join token', params.id);
        await recordAudit(tx, {
          action: 'join_token.deleted',
          actor: userActor(user),
          subject: nameSubject(removed),
          clientAddress,
          before: { agentName: removed.agentName, state: showJoinToken(removed, deps.now()).state },
        });
      });
    }),
  ];
}

function showJoinToken(record: JoinTokenRecord, now: Date): Serialisable<JoinToken> {
  const { id, agentName, createdAt, createdByName, expiresAt, usedAt, usedByAgentId } = record;
  const state = usedAt !== null ? 'used' : expiresAt <= now ? 'expired' : 'open';
  return { id, agentName, state, createdAt, createdBy: createdByName, expiresAt, usedAt, usedByAgentId };
}

function nameSubject({ id, agentName }: JoinTokenRecord) {
  return { kind: 'join_token', id, name: agentName ?? 'any node' };
}
