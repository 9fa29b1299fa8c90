import { type CloudEvent } from '@app/events';
import {
  type CompiledFilters,
  type EventFilter,
  type Explanation,
  FilterSubject,
} from '@app/filters';
import { type Workflow } from '@app/persistence';
import { reasonAgainst } from './filtered-receipt.js';

interface Subscription {
  readonly workflow: Workflow;
  readonly filter: EventFilter | undefined;
}

/** Subscriptions by the type and source that they require; `undefined` is the key of those that require none. */
type Index = ReadonlyMap<string | undefined, ReadonlyMap<string | undefined, Subscription[]>>;

export interface Matching {
  readonly wanting: readonly Workflow[];
  /** The workflows whose filter was evaluated and does not match. Others were excluded by the index. */
  readonly filtering: readonly Workflow[];
  /** The event as the filters saw it, for further questions to them. */
  readonly subject: FilterSubject;
}

/** A workflow that an event does not start, and why. */
export interface NotMatched {
  readonly workflowId: string;
  readonly reason: string;
}

/**
 * Tells which of many workflows an event starts. An index by the type and source that a filter requires selects the
 * filters that could match; only those are evaluated (docs/filters.md).
 */
export class Subscriptions {
  /** By the list object of the workflow cache, so that an index is built once until a workflow changes. */
  readonly #indexes = new WeakMap<readonly Workflow[], Index>();

  constructor(private readonly filters: CompiledFilters) {}

  /** @throws FilterUnreadableError */
  matching(workflows: readonly Workflow[], event: CloudEvent): Matching {
    const index = this.#indexOf(workflows);
    const subject = new FilterSubject(event);
    const wanting: Workflow[] = [];
    const filtering: Workflow[] = [];
    for (const type of [event.type, undefined]) {
      const sources = index.get(type);
      for (const source of [event.source, undefined])
        for (const { filter, workflow } of sources?.get(source) ?? [])
          ((filter?.matches(subject) ?? true) ? wanting : filtering).push(workflow);
    }
    return { wanting, filtering, subject };
  }

  /** The result of each clause of the workflow's filter; undefined if it has no filter. */
  explain({ triggers }: Workflow, event: FilterSubject): Explanation | undefined {
    const filter = triggers.event?.filter;
    return filter === undefined ? undefined : this.filters.of(filter).explain(event);
  }

  /** Says for each of these workflows why the event does not start it. */
  reasons(
    workflows: readonly Workflow[],
    event: CloudEvent | FilterSubject,
  ): readonly NotMatched[] {
    const subject = event instanceof FilterSubject ? event : new FilterSubject(event);
    return workflows.map((workflow) => ({
      workflowId: workflow.id,
      reason: this.#reasonOf(workflow, subject),
    }));
  }

  #reasonOf({ status, triggers }: Workflow, event: FilterSubject): string {
    if (status !== 'active') return `the workflow is ${status}`;
    if (triggers.event?.enabled !== true) return 'its trigger event is off';
    const { filter } = triggers.event;
    return filter === undefined ? '' : reasonAgainst(this.filters.of(filter).explain(event));
  }

  #indexOf(workflows: readonly Workflow[]): Index {
    const known = this.#indexes.get(workflows);
    if (known) return known;
    const index = new Map<string | undefined, Map<string | undefined, Subscription[]>>();
    for (const workflow of workflows) {
      if (workflow.status !== 'active' || workflow.triggers.event?.enabled !== true) continue;
      const stored = workflow.triggers.event.filter;
      const filter = stored === undefined ? undefined : this.filters.of(stored);
      for (const type of filter?.needs.types ?? [undefined])
        for (const source of filter?.needs.sources ?? [undefined])
          listAt(index, type, source).push({ workflow, filter });
    }
    this.#indexes.set(workflows, index);
    return index;
  }
}

function listAt(
  index: Map<string | undefined, Map<string | undefined, Subscription[]>>,
  type: string | undefined,
  source: string | undefined,
): Subscription[] {
  const sources = index.get(type) ?? new Map<string | undefined, Subscription[]>();
  index.set(type, sources);
  const list = sources.get(source) ?? [];
  sources.set(source, list);
  return list;
}
