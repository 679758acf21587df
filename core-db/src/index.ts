export {
  checkDatabase,
  closeDatabase,
  inTransaction,
  openDatabase,
  type Database,
  type DatabaseLogger,
  type DatabaseOptions,
} from './database.ts';
export { isDatabaseUnavailable, isUniqueViolation } from './database-errors.ts';
export { countAffected, queryRows, type DatabaseSession } from './database-session.ts';
export { runMigrations } from './migrations/run-migrations.ts';
export { newId } from './new-id.ts';
export { readPoolState, type PoolState } from './pool-state.ts';
export { ReadingTooSlow, readWithin } from './read-within.ts';
export { selectPage, type PageQuery, type PageSource, type SelectedPage } from './paging/select-page.ts';
export { agentEntity, type AgentRow } from './agents/agent.entity.ts';
export { revokedBusKeyEntity, type RevokedBusKeyRow } from './agents/revoked-bus-key.entity.ts';
export { auditEntity, type AuditRow } from './audit/audit.entity.ts';
export { certificateEntity, type CertificateRow } from './certificates/certificate.entity.ts';
export {
  deleteCertificate,
  findCertificate,
  findSealedCertificate,
  listCertificates,
  listCertificateServices,
  saveCertificate,
  type CertificateRecord,
  type CertificateService,
} from './certificates/certificate.repository.ts';
export {
  containerTemplateEntity,
  type ContainerTemplateRow,
  type StoredContainerTemplate,
} from './container-templates/container-template.entity.ts';
export { findContainerTemplate, insertContainerTemplate } from './container-templates/container-template.repository.ts';
export {
  findErrorPageOfAgent,
  insertErrorPageContents,
  pruneErrorPages,
  readErrorPageContents,
} from './error-pages/error-page-content.repository.ts';
export type { StoredErrorPages } from './error-pages/error-page-set.entity.ts';
export {
  deleteErrorPageSet,
  findErrorPageSet,
  findErrorPageVersion,
  holdErrorPages,
  listErrorPageAgents,
  listErrorPageChoosers,
  listErrorPageHashes,
  listErrorPageSets,
  listErrorPageVersions,
  saveErrorPageSet,
  setDefaultErrorPages,
  type ErrorPageSetRecord,
  type SavedErrorPages,
} from './error-pages/error-page-set.repository.ts';
export type { ErrorPageVersionRow } from './error-pages/error-page-version.entity.ts';
export { eventEntity, type EventRow } from './events/event.entity.ts';
export { joinTokenEntity, type JoinTokenRow } from './join-tokens/join-token.entity.ts';
export { outboxEntity, type OutboxRow } from './outbox/outbox.entity.ts';
export { refreshTokenEntity, type RefreshTokenRow } from './refresh-tokens/refresh-token.entity.ts';
export { serviceEntity, type ServiceRow, type StoredServiceSettings } from './services/service.entity.ts';
export { serviceNodeEntity, type ServiceNodeRow } from './services/service-node.entity.ts';
export { serviceDomainEntity, type ServiceDomainRow } from './services/service-domain.entity.ts';
export { serviceRevisionEntity, type ServiceRevisionRow } from './services/service-revision.entity.ts';
export { serviceRevisionNodeEntity, type ServiceRevisionNodeRow } from './services/service-revision-node.entity.ts';
export { taskEntity, type TaskRow } from './tasks/task.entity.ts';
export { commitScale, type ScaleCommit } from './scaling/commit-scale.repository.ts';
export { placeReplicas } from './scaling/place-replicas.repository.ts';
export {
  countCapacity,
  planPlacement,
  planPlacementNodes,
  reservationOf,
  type Placement,
} from './scaling/plan-placement.ts';
export {
  listChangedServices,
  readNodeRooms,
  type KnownRooms,
  type ScaledService,
} from './scaling/scaled-service.repository.ts';
export { scalingDecisionEntity, type ScalingDecisionRow } from './scaling/scaling-decision.entity.ts';
export {
  insertScalingDecision,
  listScaleChanges,
  listScalingDecisions,
  type NewScalingDecision,
  type ScaleChangeRecord,
  type ScalingDecisionRecord,
} from './scaling/scaling-decision.repository.ts';
export { scalingPointEntity, type ScalingPointRow } from './scaling/scaling-point.entity.ts';
export { findLatestScalingPoint, insertScalingPoints, readScalingPoints } from './scaling/scaling-point.repository.ts';
export { serviceScaleEntity, type ServiceScaleRow } from './scaling/service-scale.entity.ts';
export { serviceScaleNodeEntity, type ServiceScaleNodeRow } from './scaling/service-scale-node.entity.ts';
export {
  advanceScale,
  findServiceScale,
  insertServiceScale,
  listNodeScales,
  lockServiceScale,
  setScalingPolicy,
  soleNode,
  type NodeCount,
  type ServiceScale,
} from './scaling/service-scale.repository.ts';
export { serviceReplicasEntity, type ServiceReplicasRow } from './replicas/service-replicas.entity.ts';
export {
  listServiceReplicas,
  setServiceReplicas,
  type ReplicasRecord,
} from './replicas/service-replicas.repository.ts';
export { userEntity, type UserRow } from './users/user.entity.ts';
export {
  listAudit,
  recordAudit,
  type AuditActor,
  type AuditFilters,
  type AuditRecord,
  type AuditSubject,
  type NewAuditEntry,
} from './audit/audit.repository.ts';
export {
  consumeJoinToken,
  deleteJoinToken,
  insertJoinToken,
  listJoinTokens,
  recordJoinTokenUse,
  type JoinTokenConsumption,
  type JoinTokenRecord,
  type NewJoinToken,
} from './join-tokens/join-token.repository.ts';
export {
  endRefreshFamiliesOfUser,
  endRefreshFamily,
  insertRefreshToken,
  lockRefreshToken,
  markRefreshTokenUsed,
  type NewRefreshToken,
  type RefreshTokenRecord,
} from './refresh-tokens/refresh-token.repository.ts';
export {
  deleteUser,
  findSessionUser,
  findSignedInUser,
  findUserByEmail,
  hasUsers,
  insertFirstUser,
  insertUser,
  listUsers,
  lockAdministrators,
  lockUser,
  recordLogin,
  setPassword,
  setRole,
  type NewUser,
  type SessionUser,
  type UserRecord,
  type UserWithPassword,
} from './users/user.repository.ts';
export {
  markLeavingAgentOffline,
  markSilentAgentsOffline,
  type DepartedAgent,
} from './agents/agent-liveness.repository.ts';
export { insertEvents } from './events/event.repository.ts';
export {
  lockUnpublished,
  markPublished,
  recordEvents,
  type NewEvent,
  type WaitingMessage,
} from './outbox/outbox.repository.ts';
export { deleteOldRows, type RetainedRows } from './retention/retention.repository.ts';
export { endOverdueLeases, type EndedLeases } from './tasks/task-lease.repository.ts';
export {
  deleteAgent,
  findAgent,
  insertAgent,
  listAgents,
  listAgentIds,
  listOnlineAgentIds,
  lockAgents,
  readAgentContainers,
  setDesiredRevision,
  updateAgent,
  type AgentFilters,
  type AgentRecord,
  type LockedAgent,
  type NewAgent,
} from './agents/agent.repository.ts';
export { recordDuplicateSession, setAgentSession } from './agents/agent-session.repository.ts';
export {
  isBusKeyRevoked,
  listRevokedBusKeys,
  lockBusRevocations,
  replaceBusKey,
  revokeBusKey,
} from './agents/bus-key.repository.ts';
export {
  findHeartbeatAgents,
  markAgentOnline,
  recordLastSeen,
  setAgentContainers,
  setAgentFacts,
  setAppliedRevision,
  setClockOffset,
  type HeartbeatAgent,
  type SeenAgent,
} from './agents/heartbeat.repository.ts';
export { listEvents, type EventFilters } from './events/event-list.repository.ts';
export { markServicesApplying, recordConfigurationResult } from './services/configuration-result.repository.ts';
export {
  findServiceRevision,
  insertServiceRevision,
  listServiceRevisions,
  setRenderedConfigs,
  type ServiceRevisionRecord,
} from './services/service-revision.repository.ts';
export {
  claimDomains,
  deleteService,
  findService,
  insertService,
  listServedServices,
  listServiceNames,
  listServices,
  lockService,
  updateService,
  type SavedService,
  type ServedService,
  type ServiceFilters,
  type ServiceNodeRecord,
  type ServiceRecord,
  type TakenDomain,
} from './services/service.repository.ts';
export {
  deliverTasks,
  expireTask,
  findTaskEnd,
  finishTask,
  hasOpenDesiredStateTask,
  hasRecentDesiredStateTask,
  insertDesiredStateTask,
  insertReadContainerTask,
  insertScaleTask,
  listTasks,
  lockTask,
  markTaskRunning,
  releaseTasks,
  supersedeDesiredStateTasks,
  type DeliveredTask,
  type LockedTask,
  type TaskFilters,
  type TaskRecord,
} from './tasks/task.repository.ts';
export type { AgentSample } from './metrics/agent-sample.ts';
export { copyRows } from './metrics/copy-rows.ts';
export { maintainMetricPartitions, type PartitionChanges } from './metrics/maintain-partitions.ts';
export { defaultMetricRetention, findRetentionProblems, type MetricRetention } from './metrics/metric-levels.ts';
export { createMetricsWriter, type MetricsWriter, type WriteResult } from './metrics/metrics-writer.ts';
export { rollUpMetrics } from './metrics/roll-up.ts';
export { readStorageKind, type StorageKind } from './metrics/storage-kind.repository.ts';
export { listContainerUsage, type ContainerUsageRecord } from './metrics/container-usage.repository.ts';
export {
  readContainerSeries,
  readHostSeries,
  readNamedSeries,
  type MetricLine,
  type MetricLines,
} from './metrics/metric-series.repository.ts';
export {
  findContainers,
  findSeries,
  listSeriesNames,
  type FoundContainer,
  type FoundSeries,
  type ListedSeries,
} from './metrics/metric-subject.repository.ts';
export type { MetricRangeQuery } from './metrics/plan-metric-segments.ts';
export { listSpoolStates, type SpoolRecord } from './metrics/spool-state.repository.ts';
export { readStorageState, type StorageState, type StoredTable } from './metrics/storage-state.repository.ts';
export { LockSession } from './locks/lock-session.ts';
export { allowedNetworkEntity, type AllowedNetworkRow } from './waf/allowed-network.entity.ts';
export { deleteAllowedNetwork, listAllowedNetworks, saveAllowedNetwork } from './waf/allowed-network.repository.ts';
export { banEntity, type BanRow } from './waf/ban.entity.ts';
export { findBan, listBans, listOperatorBans, type BanFilters, type BanRecord } from './waf/ban-list.repository.ts';
export {
  findKnownBans,
  insertBans,
  liftBans,
  setBanExpiry,
  type BanChoice,
  type EndedBan,
  type NewBan,
} from './waf/ban.repository.ts';
export { setEnforcedBanRevision } from './waf/ban-revision.repository.ts';
export { listExemptNetworks, listKnownBans, type KnownBan } from './waf/known-ban.repository.ts';
export { readBansUpdate } from './waf/node-bans.repository.ts';
export { countRuleBans, readWafGuards, saveWafGuards } from './waf/guards.repository.ts';
export { addSeenNetwork, listOwnNetworks, noteCoreNetworks, type OwnNetwork } from './waf/own-networks.repository.ts';
export type { WafEvidenceRow } from './waf/waf-evidence.entity.ts';
export { insertEvidence, readEvidence } from './waf/waf-evidence.repository.ts';
export { wafRuleEntity, type WafRuleRow } from './waf/waf-rule.entity.ts';
export { deleteWafRule, listWafRules, saveWafRule } from './waf/waf-rule.repository.ts';
export { rollUpTraffic } from './traffic/roll-up-traffic.ts';
export { type MergeTopLists, type TopLists } from './traffic/roll-up-tops.ts';
export {
  readTraffic,
  readTrafficTops,
  type TrafficScope,
  type TrafficSteps,
  type TrafficSum,
} from './traffic/traffic.repository.ts';
export { writeTraffic, type AgentTraffic, type TrafficWriteResult } from './traffic/traffic-writer.ts';
export {
  listOffenders,
  listRecentSuspects,
  listSuspectCountries,
  type OffenderRow,
  type RecentSuspectRow,
} from './waf/activity.repository.ts';
