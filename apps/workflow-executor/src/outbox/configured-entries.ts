import { type FlowMetrics } from '@app/observability';
import { type WorkflowExecutorConfig } from '../workflow-executor.config.js';
import { answerDockerHub } from './answer-docker-hub.js';
import { type AddEntries, statusEntries } from './status-entries.js';

/** The settings of status events. */
type EntrySettings = Pick<
  WorkflowExecutorConfig,
  'STATUS_EVENTS_ENABLED' | 'STATUS_EVENTS_TASKS_ENABLED' | 'DOCKER_HUB_CALLBACK_HOSTS'
>;

/** Adds the entries of a step that no task asks for: status events and callbacks of Docker Hub, as configured. */
export function configuredEntries(config: EntrySettings, metrics: FlowMetrics): AddEntries {
  const answersDockerHub = answerDockerHub(config.DOCKER_HUB_CALLBACK_HOSTS);
  if (!config.STATUS_EVENTS_ENABLED) return answersDockerHub;
  const left = (): void => {
    metrics.statusLeftOut();
  };
  const addStatus = statusEntries(left, config.STATUS_EVENTS_TASKS_ENABLED);
  return (before, step, now, origin) =>
    addStatus(before, answersDockerHub(before, step, now, origin), now, origin);
}
