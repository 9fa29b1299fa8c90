import { DEFAULT_FILTER_LIMITS, type FilterLimits } from '@app/filters';
import { BodyInvalidError, IfGiven, problemsIn } from '@app/http';
import { type Problem } from '@app/errors';
import { type WorkflowRetention } from '@app/persistence';
import { isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import {
  importBoomerangV4,
  isFromBoomerang,
  validateForm,
  WORKER_TASK_TYPES,
  type WorkflowDefinition,
} from '@app/workflow-engine';
import { IsIn, validateSync } from 'class-validator';
import { taskTypesWithin } from '../../tasks/task-handler.js';
import { re2Patterns } from '@app/patterns';
import { unknownMembers } from '../member-problems.js';
import { readRetention } from './retention.js';
import { triggerProblems } from './triggers.js';
import { WorkflowHead } from './workflow-head.js';
import { YamlBody } from './yaml/yaml-bodies.js';

/** The products whose exports are accepted besides the forms of this API. */
const SOURCES = ['boomerang-v4'] as const;

type Source = (typeof SOURCES)[number];

export class FromQuery {
  /** The product that exported the body; without it, the body is in one of the forms of this API. */
  @IfGiven()
  @IsIn(SOURCES)
  readonly from?: Source;
}

export interface PostedWorkflow {
  readonly head: WorkflowHead;
  readonly retention?: WorkflowRetention;
  readonly definition: WorkflowDefinition;
}

const NO_WORKFLOW = 'A workflow is an object with a name and tasks';
export const INVALID = 'The workflow is not valid; see the list of problems';
const IS_EXPORT = '. An export of Boomerang Flow v4 is sent with ?from=boomerang-v4';

const MEMBERS = [
  ...['id', 'name', 'displayName', 'description', 'triggers', 'labels', 'retention'],
  ...['tasks', 'finally', 'params', 'timeout', 'retry', 'notify', 'concurrency'],
];

/**
 * Reads a posted workflow: `{name, tasks, params?, timeoutMs?, triggers?, retention?, …}`, in the short form or
 * the long one, of JSON or YAML; the server has bounded its nesting and members.
 * @param hasWorkers whether tasks can be queued for workers
 * @param from the product that exported the body; problems have their places in the export
 * @throws BodyInvalidError with everything that is wrong, in head and definition alike; of YAML with line
 * and column
 */
export function readWorkflow(
  body: unknown,
  hasWorkers = true,
  filters: FilterLimits = DEFAULT_FILTER_LIMITS,
  from?: Source,
): PostedWorkflow {
  const read = from === undefined ? readValue : readExport;
  if (!(body instanceof YamlBody)) return read(body, hasWorkers, filters);
  const { value, placeOf } = body;
  try {
    return read(value, hasWorkers, filters);
  } catch (error) {
    if (!(error instanceof BodyInvalidError)) throw error;
    const placed = error.problems.map((problem) => ({
      ...problem,
      ...placeOf(problem.path ?? ''),
    }));
    throw new BodyInvalidError(error.message, placed, { cause: error });
  }
}

/**
 * Reads an export of Boomerang Flow v4. Members that can't be imported are reported first, then the problems of the
 * rest.
 */
function readExport(body: unknown, hasWorkers: boolean, filters: FilterLimits): PostedWorkflow {
  const exported = body as JsonValue;
  if (!isJsonObject(exported)) throw new BodyInvalidError(NO_WORKFLOW);
  const { workflow, problems, placeOf } = importBoomerangV4(exported);
  const posted = attempt(() => readValue(workflow, hasWorkers, filters));
  if (!(posted instanceof BodyInvalidError) && problems.length === 0) return posted;
  const left = posted instanceof BodyInvalidError ? posted.problems : [];
  const placed = left.map(({ path = '', detail }) => ({ path: placeOf(path), detail }));
  throw new BodyInvalidError(INVALID, [...problems, ...placed]);
}

function attempt(read: () => PostedWorkflow): PostedWorkflow | BodyInvalidError {
  try {
    return read();
  } catch (error) {
    if (error instanceof BodyInvalidError) return error;
    throw error;
  }
}

function readValue(body: unknown, hasWorkers: boolean, filters: FilterLimits): PostedWorkflow {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BodyInvalidError(NO_WORKFLOW);
  }
  const { tasks, params, timeoutMs, timeout, ...others } = body as Readonly<
    Record<string, unknown>
  >;
  const { finally: last, retry, notify, concurrency, ...rest } = others;
  const { id, name, displayName, description, triggers, labels, ...beside } = rest;
  const { retention: written, ...unknown } = beside;
  const { retention, problems: retentionProblems } = readRetention(written);
  // Written by hand, because class-transformer breaks on members with the names of `Object.prototype`.
  const given = definedMembers({ id, name, displayName, description, triggers, labels });
  const head = Object.assign(new WorkflowHead(), given);
  const definition = definedMembers({
    ...{ tasks, finally: last, params, timeoutMs, timeout },
    ...{ retry, notify, concurrency },
  });
  const validation = validateForm(definition, re2Patterns, taskTypesWithin(filters));
  const problems = [
    ...problemsIn(validateSync(head)),
    ...triggerProblems(triggers, filters),
    ...retentionProblems,
    ...unknownMembers(unknown, MEMBERS),
    ...(validation.kind === 'invalid'
      ? validation.problems
      : workerProblems(validation.definition, hasWorkers)),
  ];
  if (validation.kind === 'invalid' || problems.length > 0) {
    const hint = isFromBoomerang(body as JsonObject) ? IS_EXPORT : '';
    throw new BodyInvalidError(`${INVALID}${hint}`, problems);
  }
  return { head, ...(retention && { retention }), definition: validation.definition };
}

function workerProblems({ tasks }: WorkflowDefinition, hasWorkers: boolean): readonly Problem[] {
  const lost = hasWorkers ? [] : tasks.filter(({ type }) => WORKER_TASK_TYPES.includes(type));
  return lost.map(({ name, type }) => ({
    path: 'tasks',
    detail: `has "${name}" of the type ${type}: workers get their tasks over NATS, which EVENTING_DRIVER or EVENTING_ENABLED turns off here`,
  }));
}

function definedMembers(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
