import type { AllowedNetworkView, BanScope, BanView } from '@flotilla/contracts';
import type { AllowedNetworkRow, BanRecord } from '@flotilla/core-db';

export function formatBan(ban: BanRecord, now: Date): BanView {
  const { agentId, serviceId, createdAt, expiresAt, endedAt, ...rest } = ban;
  const isOver = ban.state !== 'lifted' && expiresAt !== null && expiresAt <= now;
  return {
    ...rest,
    scope: formatScope(agentId, serviceId),
    state: isOver ? 'expired' : ban.state,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  };
}

function formatScope(agentId: string | null, serviceId: string | null): BanScope {
  if (serviceId !== null) return { kind: 'service', serviceId, agentId };
  return agentId === null ? { kind: 'fleet' } : { kind: 'node', agentId };
}

export function formatAllowedNetwork({ createdAt, expiresAt, ...rest }: AllowedNetworkRow): AllowedNetworkView {
  return { ...rest, createdAt: createdAt.toISOString(), expiresAt: expiresAt?.toISOString() ?? null };
}
