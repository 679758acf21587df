export { connectBus, BusAuthorizationError, type BusConnection, type BusOptions } from './bus/connect-bus.ts';
export { ensureStreams } from './bus/ensure-streams.ts';
export {
  readHealth,
  startHealthServer,
  type HealthCheck,
  type HealthChecks,
  type HealthReport,
  type HealthServer,
} from './health/start-health-server.ts';
export { createLogger, type Logger, type LogLevel } from './logging/create-logger.ts';
export { LOG_KEYS } from './logging/log-keys.ts';
export {
  createDurationHistogram,
  createProcessMetrics,
  type ProcessMetrics,
  type ReadFigure,
} from './metrics/process-metrics.ts';
export { runPeriodically, type PeriodicLoop, type PeriodicOptions } from './periodic/run-periodically.ts';
export { loadSettings } from './settings/load-settings.ts';
export {
  booleanSetting,
  integerSetting,
  listSetting,
  logLevelSetting,
  portSetting,
  secretSetting,
  urlSetting,
  type SettingMeta,
} from './settings/setting-schemas.ts';
export { SettingsError, type SettingProblem } from './settings/settings-error.ts';
export { TimeoutError, withinBound } from './shutdown/bounded.ts';
export { runMain, type MainContext } from './shutdown/run-main.ts';
export { Shutdown } from './shutdown/shutdown.ts';
