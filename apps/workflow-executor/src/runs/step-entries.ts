import { type FlowMetrics } from '@app/observability';
import { withParentEntry } from '../children/parent-entry.js';
import { answerDockerHub } from '../outbox/answer-docker-hub.js';
import { type AddEntries, statusEntries } from '../outbox/status-entries.js';
import { withWebhookEntries } from '../webhooks/webhook-entries.js';
import { type WorkflowExecutorConfig } from '../workflow-executor.config.js';

type Settings = Pick<
  WorkflowExecutorConfig,
  'STATUS_EVENTS_ENABLED' | 'STATUS_EVENTS_TASKS_ENABLED' | 'DOCKER_HUB_CALLBACK_HOSTS'
>;

/**
 * The outbox entries of a step that no task asks for: those of `configured`, an entry for the parent's task at the end
 * of a child run, and the final status in the entries of webhooks.
 */
export function stepEntries(configured: AddEntries): AddEntries {
  return withWebhookEntries(withParentEntry(configured));
}

/** The same with the callbacks of Docker Hub and the status events that the settings ask for. */
export function configuredStepEntries(config: Settings, metrics: FlowMetrics): AddEntries {
  const answersDockerHub = answerDockerHub(config.DOCKER_HUB_CALLBACK_HOSTS);
  if (!config.STATUS_EVENTS_ENABLED) return stepEntries(answersDockerHub);
  const left = (): void => {
    metrics.statusLeftOut();
  };
  const addStatus = statusEntries(left, config.STATUS_EVENTS_TASKS_ENABLED);
  return stepEntries((before, step, now, origin) =>
    addStatus(before, answersDockerHub(before, step, now, origin), now, origin),
  );
}
