import { type WorkflowAccess } from '@app/auth';
import { type FlowError } from '@app/errors';
import { type CloudEvent } from '@app/events';
import { type CompiledFilters } from '@app/filters';
import { type JsonObject, memberOf } from '@app/json';
import {
  type ActivityStore,
  type NewActivity,
  reserveQuota,
  type QuotaReservation,
  type RunQuotas,
  type Workflow,
  type WorkflowCache,
} from '@app/persistence';
import {
  type ChildRequest,
  FAILURE_MESSAGE_CHARS_MAX,
  HOUR_MS,
  requirementsOf,
  START_LATER,
} from '@app/workflow-engine';
import { type EntryOrigin } from '../outbox/outbox-delivery.js';
import { childEvent } from './child-event.js';
import { type EventRoots, rootOf } from '../tasks/event/event-roots.js';
import { type CalledWorkflows } from './called-workflows.js';
import {
  ChildParamMissingError,
  ChildTooDeepError,
  ChildTooManyError,
  ChildUnwantedError,
} from './errors.js';

/**
 * The feature that an executor needs to run a child, whatever the tasks of the child are: it has to notify the parent
 * of the end.
 */
const KNOWS_OF_PARENTS = requirementsOf({ tasks: [{ name: 'any', type: 'run-workflow' }] });

export interface ChildCreatorParts {
  readonly activities: Pick<
    ActivityStore,
    'record' | 'recordRefused' | 'countDescendant' | 'statusOf'
  >;
  readonly quotas: Pick<RunQuotas, 'limitOf' | 'reserve'>;
  readonly called: Pick<CalledWorkflows, 'find'>;
  readonly workflows: Pick<WorkflowCache, 'revision'>;
  readonly access: Pick<WorkflowAccess, 'requireTrigger'>;
  /** Makes the parameters of a run from the event that begins it. */
  readonly paramsOf: (event: CloudEvent) => JsonObject;
  /** The filters of triggers, within the bounds that the operator has set. */
  readonly filters: Pick<CompiledFilters, 'of'>;
  /** Finds the run at the root of events that tasks sent. */
  readonly roots: Pick<EventRoots, 'rootIn'>;
  readonly clock: () => number;
  /** The greatest depth of runs that began each other. */
  readonly generationsMax: number;
  /** The largest number of descendants of one run, beyond the children that it begins itself. */
  readonly descendantsMax: number;
}

/**
 * How long a child that is to be cancelled waits for the cancellation, should an executor die before it, in
 * milliseconds.
 */
const CANCEL_WAIT_MS = HOUR_MS;
/** How long sweepers leave a new child to the executor that made it, in milliseconds. */
const START_GRACE_MS = 500;

export interface Asked {
  /** When the task asked for the child, in milliseconds since 1970. */
  readonly askedAt: number;
  /** The item of the list that the child is for, if the task maps a list. */
  readonly index?: number;
  /** Whether it must not begin: its cancellation follows and ends it. */
  readonly isCancelled: boolean;
}

export type ChildToCreate = Pick<
  ChildRequest,
  'task' | 'attempt' | 'workflow' | 'params' | 'waits' | 'notBefore'
>;

/** Puts the runs that tasks begin on record, or throws the reason why a run can't be. */
export class ChildCreator {
  constructor(private readonly parts: ChildCreatorParts) {}

  /**
   * Makes the child. `there`: an activity with its id is already on record, whatever its status.
   * @returns the child as it was put on record
   * @throws FlowError with the reason, final unless it is transient
   */
  async create(
    id: string,
    request: ChildToCreate,
    origin: EntryOrigin,
    { askedAt, index, isCancelled }: Asked,
  ): Promise<NewActivity | 'there'> {
    const { clock, generationsMax } = this.parts;
    const generation = (origin.parent?.generation ?? 0) + 1;
    if (generation > generationsMax) throw new ChildTooDeepError(generationsMax);
    const workflow = await this.parts.called.find(request.workflow);
    const event = childEvent(request, workflow.id, origin, askedAt, index);
    this.#requireWanted(workflow, event);
    await this.#requireParams(workflow, event);
    const root = await this.#countBehind(origin);
    const reserved = await reserveQuota(id, workflow, clock(), this.parts);
    const { task, attempt, waits, notBefore } = request;
    const now = clock();
    const ofItem = index !== undefined && { index };
    const later = notBefore === undefined ? [] : [START_LATER];
    // No message tells of a child that begins later, so its wake-up needs no grace.
    const beginsAt = notBefore === undefined ? now + START_GRACE_MS : now;
    const child: NewActivity = {
      id,
      workflowId: workflow.id,
      workflowRevision: workflow.latestRevision,
      requires: [...new Set([...later, ...KNOWS_OF_PARENTS, ...workflow.requires])],
      trigger: 'task',
      createdAt: now,
      notBefore,
      wakeAt: Math.max(isCancelled ? now + CANCEL_WAIT_MS : beginsAt, notBefore ?? now),
      event,
      parent: { activity: origin.id, task, attempt, ...ofItem, generation, ...root, waits },
      quotaMonth: reserved?.month,
    };
    return this.#record(child, reserved);
  }

  async #record(child: NewActivity, reserved?: QuotaReservation): Promise<NewActivity | 'there'> {
    let isRecorded = false;
    try {
      isRecorded = (await this.parts.activities.record(child)).kind === 'recorded';
      return isRecorded ? child : 'there';
    } finally {
      reserved?.settle(isRecorded);
    }
  }

  /**
   * Puts a refused child on record, under its id and with the run that asked for it. A late delivery of the same
   * request finds that record and makes no child.
   */
  async refuse(
    id: string,
    { task, attempt, workflow, waits }: ChildToCreate,
    origin: EntryOrigin,
    { askedAt, index }: Asked,
    { code, message }: FlowError,
  ): Promise<'recorded' | 'there'> {
    const generation = (origin.parent?.generation ?? 0) + 1;
    const ofItem = index !== undefined && { index };
    const about = { task, attempt, params: {} };
    const now = this.parts.clock();
    const refused: NewActivity = {
      ...{ id, workflowId: origin.workflowId, workflowRevision: 0, trigger: 'task' },
      ...{ createdAt: now, wakeAt: now },
      event: childEvent(about, origin.workflowId, origin, askedAt, index),
      parent: { activity: origin.id, task, attempt, ...ofItem, generation, waits },
    };
    const text = `"${workflow}" was not run: ${message}`.slice(0, FAILURE_MESSAGE_CHARS_MAX);
    const failure = { level: 'workflow', code, message: text } as const;
    return this.parts.activities.recordRefused(refused, failure);
  }

  /**
   * The children of a run are bounded by its tasks and their items, so they are not counted. Their descendants are
   * counted with the root run; where that is no longer on record, with the run that begins them.
   */
  async #countBehind(origin: EntryOrigin): Promise<{ readonly root?: string }> {
    const { activities, descendantsMax, roots } = this.parts;
    const { id } = origin;
    const root = rootOf(origin, roots);
    if (root === undefined) return {};
    const outcome = await activities.countDescendant(root, descendantsMax);
    const counted =
      outcome === 'not-found' ? await activities.countDescendant(id, descendantsMax) : outcome;
    if (counted === 'full') throw new ChildTooManyError(root, descendantsMax);
    return { root };
  }

  #requireWanted(workflow: Workflow, event: CloudEvent): void {
    const facts = { trigger: 'task', eventId: event.id, source: event.source } as const;
    this.parts.access.requireTrigger(workflow, facts);
    const filter = workflow.triggers[facts.trigger]?.filter;
    if (filter !== undefined && !this.parts.filters.of(filter).matches(event)) {
      throw new ChildUnwantedError();
    }
  }

  async #requireParams({ id, latestRevision }: Workflow, event: CloudEvent): Promise<void> {
    const revision = await this.parts.workflows.revision(id, latestRevision);
    const given = this.parts.paramsOf(event);
    const missing = (revision?.definition.params ?? []).filter(
      ({ name, required, default: value }) =>
        required === true && value === undefined && memberOf(given, name) === undefined,
    );
    if (missing.length > 0) throw new ChildParamMissingError(missing.map(({ name }) => name));
  }
}
