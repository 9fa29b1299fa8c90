export { createLogger } from './logging/create-logger.js';
export { Episode, type EpisodeSettings } from './logging/episode.js';
export { Log } from './logging/log.js';
export { NestLog } from './logging/nest-log.js';
export { type OnlyInNats } from './metrics/flow-gauges.js';
export { FlowMetrics, type NatsRepair } from './metrics/flow-metrics.js';
export { ObservabilityModule } from './observability.module.js';
export {
  activityTrace,
  childTraceparent,
  parseTraceparent,
  type TraceContext,
} from './trace-context.js';
