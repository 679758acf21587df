import app from '../app/app.ru.ts';
import agents from '../features/agents/agents.ru.ts';
import audit from '../features/audit/audit.ru.ts';
import certificates from '../features/certificates/certificates.ru.ts';
import auth from '../features/auth/auth.ru.ts';
import metrics from '../features/metrics/metrics.ru.ts';
import pipeline from '../features/pipeline/pipeline.ru.ts';
import replica from '../features/replicas/replicas.ru.ts';
import scaling from '../features/scaling/scaling.ru.ts';
import services from '../features/services/services.ru.ts';
import tasks from '../features/tasks/tasks.ru.ts';
import traffic from '../features/traffic/traffic.ru.ts';
import users from '../features/users/users.ru.ts';
import waf from '../features/waf/waf.ru.ts';
import shared from '../shared/shared.ru.ts';
import type en from './en.ts';
import type { Translated } from './messages.ts';

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
} satisfies Translated<typeof en>;
