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

/** By what an event must have; what needs nothing of it is under `undefined`. */
type Index = ReadonlyMap<string | undefined, ReadonlyMap<string | undefined, Subscription[]>>;

export interface Matching {
  readonly wanting: readonly Workflow[];
  /** Whose filter was asked and does not take the event; of others their type or source told so. */
  readonly filtering: readonly Workflow[];
  /** The event as its filters have seen it: whoever asks them again gives them this. */
  readonly subject: FilterSubject;
}

/** Why a workflow does not run for an event. */
export interface NotMatched {
  readonly workflowId: string;
  readonly reason: string;
}

/**
 * Which of many workflows want an event. Filters say which types and sources they need; only those are
 * asked that could want it (docs/filters.md).
 */
export class Subscriptions {
  /** By the list as the cache has it, so that it is made once for as long as no workflow changes. */
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

  /** What each clause of the workflow's filter came to; undefined if it has none. */
  explain({ triggers }: Workflow, event: FilterSubject): Explanation | undefined {
    const filter = triggers.event?.filter;
    return filter === undefined ? undefined : this.filters.of(filter).explain(event);
  }

  /** Of each of these workflows, which do not want the event, why not. */
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
