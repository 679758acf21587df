import {
  serviceSettings,
  type ServiceConfiguration,
  type ServiceHistoryEntry,
  type ServiceSettings,
} from '@flotilla/contracts';
import { hideReplicaSecrets } from '../shared/replica-secrets.ts';
import type { ServiceRecord, ServiceRevisionRow, StoredServiceSettings } from '@flotilla/core-db';

/**
 * Settings as people may see them: who has a password, but no hash. What an earlier version stored gets the defaults of
 * the fields that it did not know, so that they are no difference between two revisions.
 */
export function formatSettings(name: string, agentId: string, settings: StoredServiceSettings): ServiceSettings {
  const { basicAuth, replicas, ...rest } = settings;
  return serviceSettings.parse({
    name,
    agentId,
    ...rest,
    basicAuth: basicAuth && { realm: basicAuth.realm, users: basicAuth.users.map(({ username }) => ({ username })) },
    // Undefined in what was stored before there were replicas.
    replicas: hideReplicaSecrets(replicas ?? null),
  });
}

export function formatConfiguration(
  service: ServiceRecord,
): Omit<ServiceConfiguration, 'updatedAt'> & { updatedAt: Date } {
  return {
    state: service.configState,
    reason: service.configReason,
    appliedRevision: service.appliedRevision,
    updatedAt: service.configUpdatedAt,
  };
}

/** A service as the API shows it. */
export function formatService(service: ServiceRecord) {
  const { id, agentName, revision, createdAt, updatedAt, updatedBy } = service;
  return {
    ...formatSettings(service.name, service.agentId, service.settings),
    id,
    agentName,
    revision,
    createdAt,
    updatedAt,
    updatedBy,
    configuration: formatConfiguration(service),
  };
}

export function formatHistoryEntry(row: ServiceRevisionRow): Omit<ServiceHistoryEntry, 'savedAt'> & { savedAt: Date } {
  const { revision, savedAt, savedBy, restoredRevision, state, reason, config } = row;
  return {
    revision,
    savedAt,
    savedBy,
    restoredRevision,
    state,
    reason,
    config,
    settings: formatSettings(row.name, row.agentId, row.settings),
  };
}
