import { activityIdIn } from './answer.js';
import { type ActivityView, type CreatedWorkflow } from './flow-api.js';
import { type FlowSystem } from './flow-system.js';
import { newEvent } from './sample-event.js';
import { type EventAttributes, sendStructured } from './send.js';

/** Starts the workflow with a new event, changed as the test needs it; the id of its activity. */
export async function startWorkflow(
  system: FlowSystem,
  { id, token }: CreatedWorkflow,
  changes: EventAttributes = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const event = newEvent(id, changes);
  const answer = await sendStructured(system.listenerUrl, event, { token, headers });
  if (answer.status !== 202) {
    throw new Error(`The event was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  return activityIdIn(answer);
}

/** The same, to the end. */
export async function runWorkflow(
  ...start: Parameters<typeof startWorkflow>
): Promise<ActivityView> {
  const [system] = start;
  return system.api.untilFinal(await startWorkflow(...start));
}

export function taskOf({ tasks }: ActivityView, name: string): unknown {
  return tasks.find((task) => task.name === name);
}
