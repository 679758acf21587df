import type { MigrationInterface } from 'typeorm';
import { CreateCoreTables1795392000000 } from './0001-create-core-tables.ts';
import { AddMaintenanceIndexes1795395600000 } from './0002-add-maintenance-indexes.ts';
import { IndexWorkOfAgents1795399200000 } from './0003-index-work-of-agents.ts';
import { CreateMetricTables1795402800000 } from './0004-create-metric-tables.ts';
import { CreateServiceReplicas1795406400000 } from './0005-create-service-replicas.ts';
import { CreateScalingTables1795410000000 } from './0006-create-scaling-tables.ts';
import { LetServicesLiveOnSeveralNodes1795413600000 } from './0007-let-services-live-on-several-nodes.ts';
import { CreateContainerTemplates1795417200000 } from './0008-create-container-templates.ts';
import { CreateWafTables1795424400000 } from './0009-create-waf-tables.ts';
import { CreateTrafficTables1795428000000 } from './0010-create-traffic-tables.ts';
import { GuardBans1795431600000 } from './0011-guard-bans.ts';
import { CreateWafEvidence1795435200000 } from './0012-create-waf-evidence.ts';
import { CreateErrorPages1795438800000 } from './0013-create-error-pages.ts';
import { CreateCertificates1795442400000 } from './0014-create-certificates.ts';

/** In the order in which they run. What has been released is never edited; a change is a new migration. */
export const allMigrations: readonly (new () => MigrationInterface)[] = [
  CreateCoreTables1795392000000,
  AddMaintenanceIndexes1795395600000,
  IndexWorkOfAgents1795399200000,
  CreateMetricTables1795402800000,
  CreateServiceReplicas1795406400000,
  CreateScalingTables1795410000000,
  LetServicesLiveOnSeveralNodes1795413600000,
  CreateContainerTemplates1795417200000,
  CreateWafTables1795424400000,
  CreateTrafficTables1795428000000,
  GuardBans1795431600000,
  CreateWafEvidence1795435200000,
  CreateErrorPages1795438800000,
  CreateCertificates1795442400000,
];
