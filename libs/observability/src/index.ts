export { HealthRegistry, type Dependency } from './health/health-registry.js';
export { OperationsServer } from './operations/operations-server.js';
export { type DependencyState, type Readiness } from './health/readiness.js';
export {
  createLogger,
  LOG_FORMATS,
  LOG_LEVELS,
  type LogFormat,
  type LoggerOptions,
  type LogLevel,
} from './logging/create-logger.js';
export { Episode, type EpisodeSettings } from './logging/episode.js';
export { Log, type LogFields } from './logging/log.js';
export { NestLog } from './logging/nest-log.js';
export { FlowMetrics, type NatsRepair, type OnlyInNats } from './metrics/flow-metrics.js';
export { ObservabilityModule } from './observability.module.js';
export {
  ShutdownSequence,
  type HostProcess,
  type ShutdownOptions,
  type ShutdownStep,
} from './shutdown-sequence.js';
export { activityTrace, childTraceparent, type TraceContext } from './trace-context.js';
