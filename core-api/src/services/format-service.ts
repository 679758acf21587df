import {
  serviceSettings,
  type ServiceConfiguration,
  type ServiceHistoryEntry,
  type ServiceSettings,
} from '@flotilla/contracts';
import { hideReplicaSecrets } from '../shared/replica-secrets.ts';
import type { SavedService, ServiceNodeRecord, ServiceRecord, ServiceRevisionRecord } from '@flotilla/core-db';

/**
 * Settings as people may see them: who has a password, but no hash. What an earlier version stored gets the defaults of
 * the fields that it did not know, so that they are no difference between two revisions.
 */
export function formatSettings({
  name,
  agentIds,
  settings: { basicAuth, replicas, ...rest },
}: Pick<SavedService, 'name' | 'agentIds' | 'settings'>): ServiceSettings {
  return serviceSettings.parse({
    name,
    agentIds: agentIds.toSorted(),
    ...rest,
    basicAuth: basicAuth && { realm: basicAuth.realm, users: basicAuth.users.map(({ username }) => ({ username })) },
    // Undefined in what was stored before there were replicas.
    replicas: hideReplicaSecrets(replicas ?? null),
  });
}

/** A service's nodes are part of its settings. */
export function formatServiceSettings({ name, nodes, settings }: ServiceRecord): ServiceSettings {
  return formatSettings({ name, agentIds: nodes.map(({ agentId }) => agentId), settings });
}

export function formatConfiguration(
  node: ServiceNodeRecord,
): Omit<ServiceConfiguration, 'updatedAt'> & { updatedAt: Date } {
  return {
    state: node.configState,
    reason: node.configReason,
    appliedRevision: node.appliedRevision,
    updatedAt: node.configUpdatedAt,
  };
}

/** A service as the API shows it. */
export function formatService(service: ServiceRecord) {
  const { id, nodes, revision, createdAt, updatedAt, updatedBy } = service;
  const states = new Set(nodes.map(({ configState }) => configState));
  return {
    ...formatServiceSettings(service),
    id,
    revision,
    createdAt,
    updatedAt,
    updatedBy,
    nodes: nodes.map((node) => ({
      agentId: node.agentId,
      agentName: node.agentName,
      configuration: formatConfiguration(node),
      replicas: node.replicas,
    })),
    state: states.has('rejected') ? 'rejected' : states.has('applying') ? 'applying' : 'applied',
  } as const;
}

export function formatHistoryEntry(
  row: ServiceRevisionRecord,
): Omit<ServiceHistoryEntry, 'savedAt'> & { savedAt: Date } {
  const { revision, savedAt, savedBy, restoredRevision, node } = row;
  return {
    revision,
    savedAt,
    savedBy,
    restoredRevision,
    state: node?.state ?? null,
    reason: node?.reason ?? null,
    config: node?.config ?? null,
    settings: formatSettings(row),
  };
}
