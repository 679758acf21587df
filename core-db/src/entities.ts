import { agentEntity } from './agents/agent.entity.ts';
import { revokedBusKeyEntity } from './agents/revoked-bus-key.entity.ts';
import { auditEntity } from './audit/audit.entity.ts';
import { certificateEntity } from './certificates/certificate.entity.ts';
import { containerTemplateEntity } from './container-templates/container-template.entity.ts';
import { errorPageContentEntity } from './error-pages/error-page-content.entity.ts';
import { errorPageSetEntity } from './error-pages/error-page-set.entity.ts';
import { errorPageVersionEntity } from './error-pages/error-page-version.entity.ts';
import { eventEntity } from './events/event.entity.ts';
import { joinTokenEntity } from './join-tokens/join-token.entity.ts';
import { outboxEntity } from './outbox/outbox.entity.ts';
import { refreshTokenEntity } from './refresh-tokens/refresh-token.entity.ts';
import { serviceReplicasEntity } from './replicas/service-replicas.entity.ts';
import { scalingDecisionEntity } from './scaling/scaling-decision.entity.ts';
import { scalingPointEntity } from './scaling/scaling-point.entity.ts';
import { serviceScaleNodeEntity } from './scaling/service-scale-node.entity.ts';
import { serviceScaleEntity } from './scaling/service-scale.entity.ts';
import { serviceEntity } from './services/service.entity.ts';
import { serviceDomainEntity } from './services/service-domain.entity.ts';
import { serviceNodeEntity } from './services/service-node.entity.ts';
import { serviceRevisionEntity } from './services/service-revision.entity.ts';
import { serviceRevisionNodeEntity } from './services/service-revision-node.entity.ts';
import { taskEntity } from './tasks/task.entity.ts';
import { userEntity } from './users/user.entity.ts';
import { allowedNetworkEntity } from './waf/allowed-network.entity.ts';
import { banEntity } from './waf/ban.entity.ts';
import { wafRuleEntity } from './waf/waf-rule.entity.ts';
import { coreNetworkEntity } from './waf/core-network.entity.ts';
import { wafEvidenceEntity } from './waf/waf-evidence.entity.ts';
import { wafStateEntity } from './waf/waf-state.entity.ts';

/** One for each table. */
export const allEntities = [
  agentEntity,
  revokedBusKeyEntity,
  auditEntity,
  certificateEntity,
  containerTemplateEntity,
  errorPageContentEntity,
  errorPageSetEntity,
  errorPageVersionEntity,
  eventEntity,
  joinTokenEntity,
  outboxEntity,
  refreshTokenEntity,
  serviceEntity,
  serviceDomainEntity,
  serviceNodeEntity,
  serviceRevisionEntity,
  serviceRevisionNodeEntity,
  serviceReplicasEntity,
  serviceScaleEntity,
  serviceScaleNodeEntity,
  scalingDecisionEntity,
  scalingPointEntity,
  taskEntity,
  userEntity,
  allowedNetworkEntity,
  banEntity,
  wafRuleEntity,
  coreNetworkEntity,
  wafEvidenceEntity,
  wafStateEntity,
] as const;
