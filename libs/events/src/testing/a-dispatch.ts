import { activityIdOf } from '../event/event-identity.js';
import { type Dispatch } from '../dispatch/dispatch.js';
import { anEvent } from './an-event.js';

/** The dispatch of an event to revision 1 of `wf1`, under its true activity id. */
export function aDispatch(differences: Partial<Dispatch> = {}): Dispatch {
  const { event = anEvent(), workflowId = 'wf1' } = differences;
  return {
    activityId: activityIdOf(workflowId, event.source, event.id),
    workflowId,
    workflowRevision: 1,
    trigger: 'event',
    acceptedAt: 1_586_107_860_000,
    recorded: true,
    event,
    ...differences,
  };
}
