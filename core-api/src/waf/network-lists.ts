import type { ListedNetwork, NetworkListName } from '@flotilla/contracts';
import {
  insertBans,
  liftBans,
  listAllowedNetworks,
  listOperatorBans,
  newId,
  saveAllowedNetwork,
  type DatabaseSession,
} from '@flotilla/core-db';
import { BadRequest } from '../http/index.ts';
import { auditBan, findTargetProblems, type BanEdit, type ChangeBansDeps } from './change-bans.ts';
import { formatCell, parseNetworkCsv, type ImportedNetwork } from './parse-network-csv.ts';

const LINE_END = '\r\n';

/** The allow list with what has expired, or the bans of operators that are in force everywhere. */
export async function readList(db: DatabaseSession, list: NetworkListName, now: Date): Promise<ListedNetwork[]> {
  const rows = list === 'allowed' ? await listAllowedNetworks(db) : await listOperatorBans(db, now);
  return rows.map(({ network, comment, createdAt, createdBy, expiresAt }) => ({
    network,
    comment,
    createdAt: createdAt.toISOString(),
    createdBy,
    expiresAt: expiresAt?.toISOString() ?? null,
  }));
}

/** The type of an answer allows dates where it has texts. */
interface RenderedNetwork {
  readonly network: string | Date;
  readonly expiresAt: string | Date | null;
  readonly comment: string | Date;
}

export function renderNetworkCsv(items: readonly RenderedNetwork[]): string {
  const lines = items.map(({ network, expiresAt, comment }) => [
    String(network),
    expiresAt === null ? '' : new Date(expiresAt).toISOString(),
    formatCell(String(comment)),
  ]);
  return [['network', 'expires', 'comment'], ...lines].map((cells) => `${cells.join(',')}${LINE_END}`).join('');
}

/** Adds all networks, or none. @throws BadRequest that names the line and the field of each that is wrong */
export async function importList(
  deps: ChangeBansDeps,
  edit: BanEdit,
  { list, csv }: { readonly list: NetworkListName; readonly csv: string },
): Promise<{ added: number; lifted: number }> {
  const at = deps.now();
  const { networks, problems } = parseNetworkCsv(csv, at);
  if (problems.length > 0) refuse(problems);
  const result = await deps.inTransaction((tx) =>
    list === 'allowed' ? allowAll(tx, edit, networks, at) : banAll(tx, edit, networks, at),
  );
  await deps.wakeAll();
  return result;
}

function refuse(problems: readonly { line: number; field: string; message: string }[]): never {
  throw new BadRequest(
    'Nothing was added: some lines are wrong.',
    problems.map(({ line, field, message }) => ({
      field: `csv.${line}.${field}`,
      message: `line ${line}, ${field}: ${message}`,
    })),
  );
}

async function allowAll(
  tx: DatabaseSession,
  { user, ...edit }: BanEdit,
  networks: readonly ImportedNetwork[],
  at: Date,
) {
  const by = user.email;
  let lifted = 0;
  for (const { network, comment, expiresAt } of networks) {
    await saveAllowedNetwork(tx, { id: newId(), network, comment, createdAt: at, createdBy: by, expiresAt });
    lifted += (await liftBans(tx, { kind: 'within', network }, { at, by })).length;
  }
  await tell(tx, 'network.allowed', { user, ...edit }, networks);
  return { added: networks.length, lifted };
}

async function banAll(tx: DatabaseSession, edit: BanEdit, networks: readonly ImportedNetwork[], at: Date) {
  const problems = await findTargetProblems(
    tx,
    networks.map(({ network }) => network),
  );
  if (problems.length > 0) {
    refuse(problems.map(({ index, message }) => ({ line: networks[index]?.line ?? 0, field: 'network', message })));
  }
  const added = await insertBans(
    tx,
    networks.map(({ network, comment, expiresAt }) => ({
      id: newId(),
      target: network,
      agentId: null,
      serviceId: null,
      state: 'active' as const,
      reason: { by: 'operator' as const, comment },
      ruleId: null,
      decisionKey: null,
      evidence: [],
      offence: 1,
      createdAt: at,
      createdBy: edit.user.email,
      expiresAt,
    })),
  );
  if (added.length > 0) await tell(tx, 'ban.created', edit, networks);
  return { added: added.length, lifted: 0 };
}

async function tell(
  tx: DatabaseSession,
  action: 'network.allowed' | 'ban.created',
  edit: BanEdit,
  networks: readonly ImportedNetwork[],
): Promise<void> {
  if (networks.length === 0) return;
  const names = networks.map(({ network }) => network);
  const after = { networks: names.slice(0, 100), count: names.length, imported: true };
  await auditBan(tx, action, edit, { name: `${names[0]} and ${names.length - 1} more`, after });
}
