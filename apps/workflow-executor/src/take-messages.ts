import { type AppProcess, watchConsumers } from '@app/bootstrap';
import { type JetStreamServer } from '@app/messaging';
import { type FlowMetrics } from '@app/observability';
import { ActivityStore, type DeadLetterBounds, DeadLetterStore, MongoLink } from '@app/persistence';
import { type INestApplication } from '@nestjs/common';
import { type Eventing, transportOf } from './eventing.js';
import { DispatchReader } from './intake/dispatch-bodies.js';
import { StoredDeadLetters } from './intake/stored-dead-letters.js';
import { type WorkflowExecutorConfig } from './workflow-executor.config.js';

const MEBIBYTE = 1_048_576;

/** How much all dead letters may be. */
export function deadLetterBounds(config: WorkflowExecutorConfig): DeadLetterBounds {
  return {
    lettersMax: config.DEAD_LETTERS_MAX,
    bytesMax: config.DEAD_LETTERS_MEBIBYTES_MAX * MEBIBYTE,
  };
}

/**
 * Brings what JetStream has to its handlers, while MongoDB is there: without it every handler would
 * fail, and each failure uses up a delivery of its message.
 */
export async function takeMessages(
  app: INestApplication,
  eventing: Eventing,
  { config, log, health }: AppProcess<WorkflowExecutorConfig>,
  metrics: FlowMetrics,
): Promise<JetStreamServer> {
  const link = app.get(MongoLink);
  const deadLetters = new StoredDeadLetters(
    app.get(DeadLetterStore),
    app.get(ActivityStore),
    app.get(DispatchReader).read,
    link.clock.now,
    deadLetterBounds(config),
    log,
  );
  const strategy = transportOf(
    config,
    eventing,
    app.get(DispatchReader),
    deadLetters,
    link.clock.now,
    metrics,
    log,
  );
  app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
  link.onChange((available) => {
    if (available) strategy.resume();
    else strategy.pause();
  });
  watchConsumers(health, strategy);
  return strategy;
}
