import { type FlowMetrics } from '@app/observability';
import { MongoLink } from '@app/persistence';
import { HOUR_MS } from '@app/workflow-engine';
import { type Provider } from '@nestjs/common';
import { HttpTaskHandler } from '../tasks/http/http-task-handler.js';
import { SecretTaskHandler } from '../tasks/secrets/secret-task-handler.js';
import { TaskSecrets } from '../tasks/secrets/task-secrets.js';
import { WorkflowExecutorConfig } from '../workflow-executor.config.js';
import { WebhookDelivery } from './webhook-delivery.js';

/**
 * The part of OUTBOX_DELIVERY_MS_MAX that one attempt may take. The attempt has to end before `DeliveryService` stops
 * waiting: otherwise each attempt at a receiver that does not answer would be `again`, and it would never be given up.
 */
const SHARE_OF_ATTEMPT = 0.9;

/** Provides the delivery of webhooks at the end of runs. */
export function webhookProvider(metrics: FlowMetrics): Provider {
  return {
    provide: WebhookDelivery,
    inject: [WorkflowExecutorConfig, HttpTaskHandler, TaskSecrets, MongoLink],
    useFactory: (
      config: WorkflowExecutorConfig,
      http: HttpTaskHandler,
      secrets: TaskSecrets,
      { clock }: MongoLink,
    ) =>
      new WebhookDelivery(new SecretTaskHandler(http, secrets), clock.now, {
        attemptMsMax: Math.floor(config.OUTBOX_DELIVERY_MS_MAX * SHARE_OF_ATTEMPT),
        triedMsMax: config.WEBHOOK_HOURS_MAX * HOUR_MS,
        attempted: (outcome) => {
          metrics.webhookAttempted(outcome);
        },
      }),
  };
}
