import { parseSubject, type SubjectReading } from '@app/events';

/** The purpose of an event. Event types of Boomerang Flow signal or cancel a run; any other starts a workflow. */
export type EventPurpose = 'start' | 'signal' | 'cancel';

const PURPOSES: ReadonlyMap<string, EventPurpose> = new Map([
  ['io.boomerang.eventing.wfe', 'signal'],
  ['io.boomerang.event.workflow.wfe', 'signal'],
  ['io.boomerang.event.workflow.cancel', 'cancel'],
]);

const NAMED_PARTS = 'io.boomerang.event.workflow.';

export function purposeOf(type: string): EventPurpose {
  return PURPOSES.get(type) ?? 'start';
}

/** The activity and topic that a subject names besides its workflow. */
export interface EventTarget {
  readonly workflowId: string;
  readonly activityId?: string;
  readonly topic?: string;
}

/** Reads the workflow from a subject, by the grammar of the event's type. It does not check that the workflow exists. */
export function readSubject(subject: string | undefined, type: unknown): SubjectReading {
  const named = partsNamed(subject, type);
  if (named === undefined) return parseSubject(subject);
  const [workflowId = ''] = named;
  return parseSubject(`/${workflowId}`);
}

/**
 * Reads what an event for a run names. Version 3 of Boomerang Flow writes `/<workflow>/<activity>/<topic>`; with a
 * correlation key, everything after the workflow is the topic. Version 4 writes
 * `/workflow/<id>[/activity/<id>][/topic/<topic>]`.
 */
export function targetOf(
  subject: string | undefined,
  type: string,
  hasKey: boolean,
): EventTarget | undefined {
  const named = partsNamed(subject, type);
  if (named !== undefined) {
    const [workflowId = '', ...rest] = named;
    const activityId = rest[0] === 'activity' ? rest[1] : undefined;
    const others = activityId === undefined ? rest : rest.slice(2);
    const topic = others[0] === 'topic' ? others.slice(1).join('/') : '';
    return { workflowId, ...(activityId && { activityId }), ...(topic !== '' && { topic }) };
  }
  const reading = parseSubject(subject);
  if (reading.kind === 'problem') return undefined;
  const { workflowId, topic } = reading.target;
  if (topic === undefined) return { workflowId };
  const slash = topic.indexOf('/');
  if (hasKey) return { workflowId, topic };
  if (slash === -1) return { workflowId, activityId: topic };
  return { workflowId, activityId: topic.slice(0, slash), topic: topic.slice(slash + 1) };
}

/** The parts after `/workflow/`, if the event's type has such subjects. */
function partsNamed(subject: string | undefined, type: unknown): readonly string[] | undefined {
  if (typeof type !== 'string' || !type.startsWith(NAMED_PARTS)) return undefined;
  const [empty, word, ...parts] = subject?.split('/') ?? [];
  return empty === '' && word === 'workflow' && parts.length > 0 ? parts : undefined;
}
