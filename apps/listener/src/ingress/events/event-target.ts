import { parseSubject, type SubjectReading } from '@app/events';

/** What an event is for, besides a workflow to start: types of Boomerang Flow's own. */
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

/** Of a subject: what it names besides its workflow. */
export interface EventTarget {
  readonly workflowId: string;
  readonly activityId?: string;
  readonly topic?: string;
}

/** The workflow that a subject names, by the grammar of the event's type. Nothing is checked yet. */
export function readSubject(subject: string | undefined, type: unknown): SubjectReading {
  const named = partsNamed(subject, type);
  if (named === undefined) return parseSubject(subject);
  const [workflowId = ''] = named;
  return parseSubject(`/${workflowId}`);
}

/**
 * What an event for a run names. Version 3 writes `/<workflow>/<activity>/<topic>`; with a correlation key
 * all after the workflow is the topic. Its successor writes `/workflow/<id>[/activity/<id>][/topic/<topic>]`.
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

/** What follows `/workflow/`, where the type is one that is written so. */
function partsNamed(subject: string | undefined, type: unknown): readonly string[] | undefined {
  if (typeof type !== 'string' || !type.startsWith(NAMED_PARTS)) return undefined;
  const [empty, word, ...parts] = subject?.split('/') ?? [];
  return empty === '' && word === 'workflow' && parts.length > 0 ? parts : undefined;
}
