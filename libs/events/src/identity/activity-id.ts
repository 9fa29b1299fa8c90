import { hash } from 'node:crypto';

/**
 * The id of the activity that an event starts on a workflow: SHA-256, as 64 hex digits, of the JSON
 * array `[workflowId, source, id]`. An array, because glued parts would collide. The same event
 * always has the same activity, which is what makes starting one idempotent.
 */
export function activityIdOf(workflowId: string, source: string, eventId: string): string {
  return hash('sha256', JSON.stringify([workflowId, source, eventId]));
}
