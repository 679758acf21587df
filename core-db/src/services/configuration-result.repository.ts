import type { RejectedSite, SiteWithoutPages, UpdateNginxResult } from '@flotilla/contracts';
import { queryRows, type DatabaseSession } from '../database-session.ts';
import { recordEvents, type NewEvent } from '../outbox/outbox.repository.ts';
import { storableText } from '../storable-text.ts';

interface SettledService {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly state: 'applied' | 'rejected';
  readonly reason: string | null;
}

/**
 * Records what an agent says of a desired state: on the agent, on its services and their histories, with an event for
 * each service that has come to another end than before. Call it with the agent locked.
 *
 * A desired state holds every service of its agent, so a result for the newest one speaks of all of them. A result for
 * an older one tells what nginx serves now and nothing of the services' newest revisions.
 */
export async function recordConfigurationResult(
  tx: DatabaseSession,
  agentId: string,
  reported: UpdateNginxResult,
  at: Date,
): Promise<void> {
  const result = cleanReasons(reported);
  const isNewest = await recordOnAgent(tx, agentId, result);
  if (!isNewest) {
    if (result.outcome === 'applied') await recordServedRevisions(tx, agentId, result);
    return;
  }
  const settled =
    result.outcome === 'applied'
      ? await settleApplied(tx, agentId, result.rejectedSites, result.sitesWithoutPages ?? [])
      : await settleRejected(tx, agentId, result.rejectedSites, result.reason);
  await settleHistory(tx, agentId, settled);
  await recordEvents(
    tx,
    settled.map((service) => buildEvent(agentId, service, at)),
  );
}

function cleanReasons(result: UpdateNginxResult): UpdateNginxResult {
  const rejectedSites = result.rejectedSites.map((site) => ({ ...site, reason: storableText(site.reason) }));
  return result.outcome === 'applied'
    ? {
        ...result,
        rejectedSites,
        sitesWithoutPages: result.sitesWithoutPages?.map((site) => ({ ...site, reason: storableText(site.reason) })),
      }
    : { ...result, rejectedSites, reason: storableText(result.reason) };
}

/** @returns whether the result is for the agent's newest desired state; only then it is noted */
async function recordOnAgent(tx: DatabaseSession, agentId: string, result: UpdateNginxResult): Promise<boolean> {
  const isRejected = result.outcome === 'rejected';
  const rows = await queryRows(
    tx,
    `update agents set rejected_revision = $3, rejected_reason = $4
     where id = $1 and desired_revision = $2 returning id`,
    [agentId, result.revision, isRejected ? result.revision : null, isRejected ? result.reason : null],
  );
  return rows.length > 0;
}

/** An older desired state serves until the newest one does: its sites are what the services' pages show. */
async function recordServedRevisions(
  tx: DatabaseSession,
  agentId: string,
  { revision, rejectedSites }: UpdateNginxResult,
): Promise<void> {
  await tx.query(
    `with served as (
       select (site->>'serviceId')::uuid as service_id, (site->>'serviceRevision')::int as revision
       from (select payload from tasks where agent_id = $1 and revision = $2 order by created_at desc limit 1) t,
         jsonb_array_elements(t.payload->'sites') as site
     ), history as (
       update service_revision_nodes r set state = 'applied' from served
       where r.service_id = served.service_id and r.revision = served.revision and r.agent_id = $1
         and r.state = 'superseded' and r.service_id <> all ($3::uuid[])
     )
     update service_nodes n set applied_revision = served.revision from served
     where n.service_id = served.service_id and n.agent_id = $1 and n.service_id <> all ($3::uuid[])
       and n.applied_revision is distinct from served.revision`,
    [agentId, revision, rejectedSites.map(({ serviceId }) => serviceId)],
  );
}

/** What is served without its error pages is applied, and says so. */
async function settleApplied(
  tx: DatabaseSession,
  agentId: string,
  rejected: readonly RejectedSite[],
  withoutPages: readonly SiteWithoutPages[],
): Promise<SettledService[]> {
  const lacking = 'select w.reason from unnest($5::uuid[], $6::text[]) as w (service_id, reason)';
  const others = { state: `'applied'`, reason: `(${lacking} where w.service_id = s.id limit 1)` };
  return settle(tx, agentId, rejected, others, [
    withoutPages.map(({ serviceId }) => serviceId),
    withoutPages.map((site) => site.reason),
  ]);
}

/** Refused as a whole: what nginx served before, it serves still. */
async function settleRejected(
  tx: DatabaseSession,
  agentId: string,
  rejected: readonly RejectedSite[],
  reason: string,
): Promise<SettledService[]> {
  const others = {
    state: `case when n.config_state = 'applying' then 'rejected' else n.config_state end`,
    reason: `case when n.config_state = 'applying' then $5 else n.config_reason end`,
  };
  return settle(tx, agentId, rejected, others, [reason]);
}

/** @param others SQL for the state and the reason of the services that are not rejected by themselves */
async function settle(
  tx: DatabaseSession,
  agentId: string,
  rejected: readonly RejectedSite[],
  others: { readonly state: string; readonly reason: string },
  parameters: readonly unknown[] = [],
): Promise<SettledService[]> {
  return queryRows(
    tx,
    `with judged as (
       select s.id, s.name, s.revision, n.config_state as old_state, n.config_reason as old_reason,
         n.applied_revision as old_applied,
         case when r.service_id is not null then 'rejected' else ${others.state} end as state,
         case when r.service_id is not null then r.reason else ${others.reason} end as reason
       from services s join service_nodes n on n.service_id = s.id
         left join unnest($2::uuid[], $3::int[], $4::text[]) as r (service_id, revision, reason)
           on r.service_id = s.id and r.revision = s.revision
       where n.agent_id = $1
     )
     update service_nodes n set config_state = j.state, config_reason = j.reason, config_updated_at = now(),
       applied_revision = case when j.state = 'applied' then j.revision else n.applied_revision end
     from judged j
     where n.service_id = j.id and n.agent_id = $1 and (j.state <> j.old_state
       or j.reason is distinct from j.old_reason or (j.state = 'applied' and j.old_applied is distinct from j.revision))
     returning j.id, j.name, j.revision, n.config_state as state, n.config_reason as reason`,
    [
      agentId,
      rejected.map(({ serviceId }) => serviceId),
      rejected.map(({ serviceRevision }) => serviceRevision),
      rejected.map((site) => site.reason),
      ...parameters,
    ],
  );
}

async function settleHistory(tx: DatabaseSession, agentId: string, settled: readonly SettledService[]): Promise<void> {
  await tx.query(
    `update service_revision_nodes r set state = s.state, reason = s.reason
     from unnest($2::uuid[], $3::int[], $4::text[], $5::text[]) as s (service_id, revision, state, reason)
     where r.service_id = s.service_id and r.revision = s.revision and r.agent_id = $1`,
    [
      agentId,
      settled.map(({ id }) => id),
      settled.map(({ revision }) => revision),
      settled.map(({ state }) => state),
      settled.map(({ reason }) => reason),
    ],
  );
}

function buildEvent(agentId: string, { id, name, revision, state, reason }: SettledService, at: Date): NewEvent {
  const kind = state === 'applied' ? 'configuration.applied' : 'configuration.rejected';
  return { kind, at, agentId, serviceId: id, data: { name, revision, ...(reason !== null && { reason }) } };
}

/** The node lost what it had applied: its services are on their way again. */
export async function markServicesApplying(tx: DatabaseSession, agentId: string): Promise<void> {
  await tx.query(
    `update service_nodes set config_state = 'applying', config_reason = null, config_updated_at = now()
     where agent_id = $1 and config_state = 'applied'`,
    [agentId],
  );
}
