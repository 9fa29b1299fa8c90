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
import { type Writable } from '../writable.js';

type Before = Pick<ActivityState, 'outboxCount' | 'holds'>;

/** The outbox entries of one step, and the holds of the run: resources such as locks, each with its releasing entry. */
export class RunOutbox {
  readonly entries: OutboxEntry[] = [];
  /** By name, in the order in which they were acquired; built when a step first reads or changes one. */
  #byName: Map<string, Hold> | undefined;
  /** The characters of the payloads of pending and new entries; computed when first needed. */
  #chars: number | undefined;
  /** How many of the new entries are counted in `#chars`. */
  #counted = 0;
  /** The characters of the payloads of holds; computed when first needed. */
  #heldChars: number | undefined;

  /** @param pending entries of earlier steps that are not delivered */
  constructor(
    private readonly before: Before,
    private readonly now: number,
    private readonly pending: readonly OutboxEntry[] = [],
  ) {}

  /**
   * Whether the outbox has room for these entries. The releasing entries of holds count as used.
   * @param share the part of the room, above 0 and up to 1, that may be in use afterwards
   */
  fits(drafts: readonly OutboxDraft[], share = 1): boolean {
    const count = this.pending.length + this.entries.length + this.#holds.size + drafts.length;
    if (count > OUTBOX_ENTRIES_MAX * share) return false;
    const chars = this.#countEntries() + this.#countHolds() + charsOfAll(drafts);
    return chars <= OUTBOX_CHARS_MAX * share;
  }

  /** Whether there is room for these entries at the latest when all others are delivered. */
  willFit(drafts: readonly OutboxDraft[]): boolean {
    if (this.#holds.size + drafts.length > OUTBOX_ENTRIES_MAX) return false;
    return this.#countHolds() + charsOfAll(drafts) <= OUTBOX_CHARS_MAX;
  }

  /** Whether an earlier step made the same entry, and it is not delivered. */
  isPending({ kind, key, payload }: OutboxDraft): boolean {
    return this.pending.some(
      (entry) => entry.kind === kind && entry.key === key && isSameJson(entry.payload, payload),
    );
  }

  /** Adds an entry, to be delivered once this step is on record; its id is its number in the run. */
  post(draft: OutboxDraft): void {
    const { kind, key, payload } = draft;
    this.entries.push({ id: String(this.#count + 1), kind, key, payload, createdAt: this.now });
  }

  hold(task: string, { name, entry }: HeldEntry): void {
    this.dropHolds([name]);
    this.#holds.set(name, { task, name, entry });
    if (this.#heldChars !== undefined) this.#heldChars += charsOfEntry(entry);
  }

  holds(name: string): boolean {
    return this.#holds.has(name);
  }

  /** Whether the run has a hold that the entry releases. */
  isHeld({ kind, key, payload }: OutboxDraft): boolean {
    const holds = [...this.#holds.values()].filter(({ entry }) => entry.key === key);
    return holds.some(({ entry }) => entry.kind === kind && isSameJson(entry.payload, payload));
  }

  /** Removes holds without releasing them. */
  dropHolds(names: readonly string[]): void {
    for (const name of names) {
      const hold = this.#holds.get(name);
      if (hold === undefined) continue;
      this.#holds.delete(name);
      if (this.#heldChars !== undefined) this.#heldChars -= charsOfEntry(hold.entry);
    }
  }

  /** Releases the holds of one task, or of all. */
  giveBack(task?: string): void {
    for (const hold of this.#holds.values()) {
      if (task !== undefined && hold.task !== task) continue;
      this.post(hold.entry);
      this.dropHolds([hold.name]);
    }
  }

  /**
   * Releases the holds whose entry has that key, of the tasks for which `isMeant` is true.
   * @returns whether there was a hold
   */
  giveBackOf(key: string, isMeant: (task: string) => boolean): boolean {
    const holds = [...this.#holds.values()];
    const held = holds.filter((hold) => hold.entry.key === key && isMeant(hold.task));
    for (const { name, entry } of held) {
      this.post(entry);
      this.dropHolds([name]);
    }
    return held.length > 0;
  }

  /** Sets members of the state after the step. */
  writeTo(state: Writable<Before>): void {
    if (this.#count > 0) state.outboxCount = this.#count;
    const holds = this.#byName === undefined ? this.before.holds : [...this.#byName.values()];
    if (holds !== undefined && holds.length > 0) state.holds = holds;
  }

  get #holds(): Map<string, Hold> {
    if (this.#byName !== undefined) return this.#byName;
    this.#byName = new Map();
    for (const hold of this.before.holds ?? []) this.#byName.set(hold.name, hold);
    return this.#byName;
  }

  #countEntries(): number {
    this.#chars ??= charsOfAll(this.pending);
    for (const entry of this.entries.slice(this.#counted)) this.#chars += charsOfEntry(entry);
    this.#counted = this.entries.length;
    return this.#chars;
  }

  #countHolds(): number {
    if (this.#heldChars !== undefined) return this.#heldChars;
    this.#heldChars = 0;
    for (const { entry } of this.#holds.values()) this.#heldChars += charsOfEntry(entry);
    return this.#heldChars;
  }

  get #count(): number {
    return (this.before.outboxCount ?? 0) + this.entries.length;
  }
}

function charsOfAll(drafts: readonly OutboxDraft[]): number {
  return drafts.reduce((sum, draft) => sum + charsOfEntry(draft), 0);
}

function charsOfEntry({ payload }: OutboxDraft): number {
  return charsOf(payload, OUTBOX_CHARS_MAX);
}

/**
 * Adds an entry to a step that belongs to the run and to no task.
 * @param pending entries of earlier steps that are not delivered
 * @param share the part of the room, above 0 and up to 1, that may be in use afterwards; below 1 for entries that may
 *   be left out
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
  // The entries of the end of a run always fit: there is one end.
  if (step.state.endedAt === undefined && !added.fits([draft], share)) return undefined;
  added.post(draft);
  const state: Writable<ActivityState> = { ...step.state };
  added.writeTo(state);
  return { ...step, state, outbox: [...step.outbox, ...added.entries] };
}
