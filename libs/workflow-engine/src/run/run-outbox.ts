import { type ActivityState } from '../state/activity-state.js';
import {
  type HeldEntry,
  type Hold,
  type OutboxDraft,
  type OutboxEntry,
} from '../state/outbox-entry.js';

type Before = Pick<ActivityState, 'outboxCount' | 'holds'>;

/** What one step has to tell outside, and what the run holds there. */
export class RunOutbox {
  readonly entries: OutboxEntry[] = [];
  #holds: readonly Hold[];

  constructor(
    private readonly before: Before,
    private readonly now: number,
  ) {
    this.#holds = before.holds ?? [];
  }

  /** Has it delivered once this step is on record; its id is its number in the run. */
  post(draft: OutboxDraft): void {
    const { kind, key, payload } = draft;
    this.entries.push({ id: String(this.#count + 1), kind, key, payload, createdAt: this.now });
  }

  hold(task: string, { name, entry }: HeldEntry): void {
    this.letGo([name]);
    this.#holds = [...this.#holds, { task, name, entry }];
  }

  letGo(names: readonly string[]): void {
    if (this.#holds.some(({ name }) => names.includes(name))) {
      this.#holds = this.#holds.filter(({ name }) => !names.includes(name));
    }
  }

  /** Of one task, or of all. */
  giveBack(task?: string): void {
    for (const hold of this.#holds) {
      if (task !== undefined && hold.task !== task) continue;
      this.post(hold.entry);
      this.letGo([hold.name]);
    }
  }

  /** Members of the state after the step. */
  toState(): Before {
    return {
      ...(this.#count > 0 && { outboxCount: this.#count }),
      ...(this.#holds.length > 0 && { holds: this.#holds }),
    };
  }

  get #count(): number {
    return (this.before.outboxCount ?? 0) + this.entries.length;
  }
}
