import app from '../app/app.en.ts';
import agents from '../features/agents/agents.en.ts';
import audit from '../features/audit/audit.en.ts';
import certificates from '../features/certificates/certificates.en.ts';
import auth from '../features/auth/auth.en.ts';
import metrics from '../features/metrics/metrics.en.ts';
import pipeline from '../features/pipeline/pipeline.en.ts';
import replica from '../features/replicas/replicas.en.ts';
import scaling from '../features/scaling/scaling.en.ts';
import services from '../features/services/services.en.ts';
import tasks from '../features/tasks/tasks.en.ts';
import traffic from '../features/traffic/traffic.en.ts';
import users from '../features/users/users.en.ts';
import waf from '../features/waf/waf.en.ts';
import shared from '../shared/shared.en.ts';

export default {
  app,
  shared,
  auth,
  agents,
  services,
  tasks,
  audit,
  users,
  metrics,
  pipeline,
  replica,
  scaling,
  traffic,
  waf,
  certificates,
};
