import { type EventMatcher } from '@app/persistence';
import { EVENT_WAIT, type EventWaitEntry } from '@app/workflow-engine';
import { type OutboxDeliveries, recordedDeliveries } from './outbox-delivery.js';

/**
 * Delivers an event to a run that waits for an event by key, if the event came before the wait. The entry exists only
 * when the wait is on record, so no event falls between the two.
 */
export function eventWaitDeliveries(matcher: Pick<EventMatcher, 'serve'>): OutboxDeliveries {
  return recordedDeliveries({
    [EVENT_WAIT]: ({ payload }, { workflowId }) => {
      const { topic, correlationKey } = payload as EventWaitEntry;
      return matcher.serve(workflowId, topic, correlationKey);
    },
  });
}
