import { createHash } from 'node:crypto';
import { MAX_SITES_PER_AGENT } from '@flotilla/contracts';
import {
  insertDesiredStateTask,
  listCertificates,
  listErrorPageHashes,
  listNodeScales,
  listServedServices,
  setDesiredRevision,
  supersedeDesiredStateTasks,
  type DatabaseSession,
} from '@flotilla/core-db';
import { BadRequest } from '../http/index.ts';
import { renderDesiredState } from './render-desired-state.ts';

/**
 * Computes what a node must serve now and makes it the node's newest task, unless it serves that already. Call it with the agent locked, in the
 * transaction that changed something: two changes at once then never overwrite each other's.
 * @throws BadRequest that names `agentIds` when the node has too many services
 */
export async function refreshDesiredState(tx: DatabaseSession, agentId: string, createdBy: string): Promise<void> {
  const services = await listServedServices(tx, agentId);
  const hasCertificates = services.some(({ settings }) => settings.tls.mode === 'certificate');
  if (services.length > MAX_SITES_PER_AGENT) {
    const message = `has ${MAX_SITES_PER_AGENT} services already, as many as a node may have; choose another`;
    throw new BadRequest(`The node ${message}.`, [{ field: 'agentIds', message }]);
  }
  const content = {
    services,
    scales: await listNodeScales(tx, agentId),
    certificates: hasCertificates ? await listCertificates(tx) : [],
    errorPages: await listErrorPageHashes(tx),
  };
  const desired = renderDesiredState(content, (text) => createHash('sha256').update(text).digest('hex'));
  const isApplied = await setDesiredRevision(tx, agentId, desired.revision);
  await supersedeDesiredStateTasks(tx, agentId);
  // A change that was taken back before it was applied. Should the node be at it right now, its next heartbeat says so.
  if (!isApplied) await insertDesiredStateTask(tx, { agentId, desired, createdBy });
}
