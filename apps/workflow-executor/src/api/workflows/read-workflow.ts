import { BodyInvalidError, problemsIn } from '@app/http';
import { validateDefinition, type WorkflowDefinition } from '@app/workflow-engine';
import { validateSync } from 'class-validator';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';
import { re2Patterns } from '@app/patterns';
import { WorkflowHead } from './workflow-head.js';

export interface PostedWorkflow {
  readonly head: WorkflowHead;
  readonly definition: WorkflowDefinition;
}

/**
 * Reads a posted workflow: `{name, tasks, params?, timeoutMs?, triggers?, …}`; the server has
 * bounded its nesting and members.
 * @throws BodyInvalidError with everything that is wrong, in head and definition alike
 */
export function readWorkflow(body: unknown): PostedWorkflow {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BodyInvalidError('A workflow is a JSON object with a name and tasks');
  }
  const { tasks, params, timeoutMs, ...rest } = body as Readonly<Record<string, unknown>>;
  const { id, name, displayName, description, triggers, labels, ...unknown } = rest;
  // By hand: class-transformer breaks on members of the names that every object has.
  const given = definedMembers({ id, name, displayName, description, triggers, labels });
  const head = Object.assign(new WorkflowHead(), given);
  const definition = definedMembers({ tasks, params, timeoutMs });
  const validation = validateDefinition(definition, re2Patterns, TASK_TYPES_RUN);
  const problems = [
    ...problemsIn(validateSync(head)),
    ...Object.keys(unknown).map((path) => ({ path, detail: 'is not a known member' })),
    ...(validation.kind === 'invalid' ? validation.problems : []),
  ];
  if (validation.kind === 'invalid' || problems.length > 0) {
    throw new BodyInvalidError('The workflow is not valid; see the list of problems', problems);
  }
  return { head, definition: validation.definition };
}

function definedMembers(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
