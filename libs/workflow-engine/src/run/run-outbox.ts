import { isSameJson } from '@app/json';
import { type ActivityState, type Advance } from '../state/activity-state.js';
import { OUTBOX_CHARS_MAX, OUTBOX_ENTRIES_MAX } from '../bounds.js';
import { charsOf } from '../json.js';
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
  /** Of the payloads that are posted; counted when it is asked for. */
  #chars: number | undefined;

  /** @param pending made by earlier steps, and not delivered yet */
  constructor(
    private readonly before: Before,
    private readonly now: number,
    private readonly pending: readonly OutboxEntry[] = [],
  ) {
    this.#holds = before.holds ?? [];
  }

  /**
   * Whether there is room for these. What is held has its room: it can be given back at any time.
   * @param share of the room, above 0 and up to 1, that may be taken once they are in it
   */
  fits(drafts: readonly OutboxDraft[], share = 1): boolean {
    const held = this.#holds.map(({ entry }) => entry);
    const count = this.pending.length + this.entries.length + held.length + drafts.length;
    if (count > OUTBOX_ENTRIES_MAX * share) return false;
    this.#chars ??= charsOfAll(this.pending) + charsOfAll(this.entries);
    return this.#chars + charsOfAll(held) + charsOfAll(drafts) <= OUTBOX_CHARS_MAX * share;
  }

  /** Whether an earlier step made the same, and it is not delivered yet. */
  isPending({ kind, key, payload }: OutboxDraft): boolean {
    return this.pending.some(
      (entry) => entry.kind === kind && entry.key === key && isSameJson(entry.payload, payload),
    );
  }

  /** Has it delivered once this step is on record; its id is its number in the run. */
  post(draft: OutboxDraft): void {
    const { kind, key, payload } = draft;
    if (this.#chars !== undefined) this.#chars += charsOfAll([draft]);
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

  /**
   * What tasks hold outside under that key.
   * @returns whether there was something
   */
  giveBackOf(key: string, isMeant: (task: string) => boolean): boolean {
    const held = this.#holds.filter((hold) => hold.entry.key === key && isMeant(hold.task));
    for (const { name, entry } of held) {
      this.post(entry);
      this.letGo([name]);
    }
    return held.length > 0;
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

function charsOfAll(drafts: readonly OutboxDraft[]): number {
  return drafts.reduce((sum, { payload }) => sum + charsOf(payload, OUTBOX_CHARS_MAX), 0);
}

/**
 * Adds an entry to a step that no task made: it is of the run as a whole.
 *
 * @param pending made by earlier steps, and not delivered yet
 * @param share of the room, above 0 and up to 1, that may be taken once it is in it: what may be left out leaves the rest to work
 * @returns undefined when there is no room for it
 */
export function postTo(
  step: Advance,
  draft: OutboxDraft,
  pending: readonly OutboxEntry[],
  now: number,
  share = 1,
): Advance | undefined {
  const added = new RunOutbox(step.state, now, [...pending, ...step.outbox]);
  // Whatever a run has to say last is said: there is one end.
  if (step.state.endedAt === undefined && !added.fits([draft], share)) return undefined;
  added.post(draft);
  const state = { ...step.state, ...added.toState() };
  return { ...step, state, outbox: [...step.outbox, ...added.entries] };
}
