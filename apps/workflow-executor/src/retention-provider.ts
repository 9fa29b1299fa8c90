import { type FlowMetrics, type Log } from '@app/observability';
import { MongoLink, RetentionJob, type RetentionSettings } from '@app/persistence';
import { type Provider } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { WorkflowExecutorConfig } from './workflow-executor.config.js';

/** What removes ended activities; it does nothing before it is started. */
export function retentionProvider(metrics: FlowMetrics, log: Log): Provider {
  return {
    provide: RetentionJob,
    inject: [WorkflowExecutorConfig, MongoLink],
    useFactory: (config: WorkflowExecutorConfig, link: MongoLink) =>
      new RetentionJob(
        link,
        randomUUID(),
        settingsOf(config),
        (of, activities) => {
          metrics.activitiesRemoved(of, activities);
        },
        (err) => {
          log.warn({ err }, "What is kept no longer can't be removed now; the next pass goes on");
        },
      ),
  };
}

function settingsOf(config: WorkflowExecutorConfig): RetentionSettings {
  const succeeded = config.ACTIVITY_RETENTION_DAYS;
  return {
    days: {
      succeeded: orForEver(succeeded),
      failed: orForEver(config.ACTIVITY_RETENTION_FAILED_DAYS ?? succeeded),
      refused: orForEver(config.ACTIVITY_RETENTION_REFUSED_DAYS ?? succeeded),
    },
    intervalMs: config.RETENTION_INTERVAL_SECONDS * 1_000,
    batchItemsMax: config.RETENTION_BATCH_ITEMS_MAX,
    pauseMs: config.RETENTION_PAUSE_MS,
  };
}

function orForEver(days: number): number | null {
  return days === 0 ? null : days;
}
