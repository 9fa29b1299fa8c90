import { type JsonObject } from '@app/json';
import { type EventInput } from '../state/activity-state.js';

/**
 * Where a run's `$(...)` are looked up, besides its own tasks. It is an argument of `advance` and
 * not part of the stored state, because the caller has the event anyway and a copy of it in each
 * commit would cost more than all the rest. So the caller must pass the same one each time.
 */
export interface RunScope {
  readonly event: EventInput;
  /**
   * Facts about the run that no event can override: `workflowrun-ref` (the activity's id),
   * `workflowrun-trigger`, `workflow-ref`, `workflow-version`.
   */
  readonly context: JsonObject;
  readonly team?: JsonObject;
  readonly global?: JsonObject;
}
