import { type Problem } from '@app/errors';

/**
 * A workflow's id becomes a token of a NATS subject, so it has none of `.`, `*`, `>` and space. The name of a workflow
 * has the same rule.
 */
export const WORKFLOW_ID = /^[A-Za-z0-9_-]{1,100}$/;

/** What `WORKFLOW_ID` matches, for messages. */
export const WORKFLOW_ID_RULE = '1 to 100 of A-Z, a-z, 0-9, "_" and "-"';

/** The parts of a subject: the workflow, and the topic. */
export interface SubjectTarget {
  readonly workflowId: string;
  /** Everything after the workflow, slashes included; never empty. */
  readonly topic?: string;
}

export type SubjectReading =
  | { readonly kind: 'target'; readonly target: SubjectTarget }
  | { readonly kind: 'problem'; readonly problem: Problem };

export function isWorkflowId(text: string): boolean {
  return WORKFLOW_ID.test(text);
}

/**
 * Reads the grammar `/<workflowId>[/<topic>]`. A topic may have slashes of its own (Boomerang's
 * wait-for-event subjects do) and is kept as sent; a slash with nothing after it begins no topic.
 */
export function parseSubject(subject: string | undefined): SubjectReading {
  if (subject === undefined) return problem('is required: it names the workflow');
  if (!subject.startsWith('/')) return problem('must begin with "/" and the id of a workflow');

  const slash = subject.indexOf('/', 1);
  const workflowId = slash === -1 ? subject.slice(1) : subject.slice(1, slash);
  if (!isWorkflowId(workflowId)) {
    return problem(`must name a workflow: "/", then ${WORKFLOW_ID_RULE}`);
  }
  const topic = slash === -1 ? '' : subject.slice(slash + 1);
  return { kind: 'target', target: topic === '' ? { workflowId } : { workflowId, topic } };
}

/** The inverse of `parseSubject`. */
export function subjectOf({ workflowId, topic }: SubjectTarget): string {
  return topic === undefined ? `/${workflowId}` : `/${workflowId}/${topic}`;
}

function problem(detail: string): SubjectReading {
  return { kind: 'problem', problem: { attribute: 'subject', detail } };
}
