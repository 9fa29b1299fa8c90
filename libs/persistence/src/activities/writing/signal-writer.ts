import { InFlightMap } from '@app/collections';
import { isFinal, type Signal } from '@app/workflow-engine';
import { type Model } from 'mongoose';
import { type MongoLink } from '../../connection/mongo-link.js';
import { ActivityInboxFullError, StoreUnavailableError } from '../../errors.js';
import { GroupCommitter, type GroupCommitSettings } from '../../group-commit/group-committer.js';
import { storedBytes, toStored } from '../../storage/stored-fields.js';
import { type SignalOutcome } from '../activity-store.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { append, appendSignal, idsIn, INBOX_MAX, readInbox } from './inbox.js';

type Settled = PromiseSettledResult<SignalOutcome>;

interface Open {
  readonly committer: GroupCommitter<Signal, SignalOutcome>;
  callers: number;
}

/**
 * Appends signals to inboxes. Those that reach one activity while it is being written go together with the next
 * write, in the order they came: each write copies the whole activity, which may be large. When MongoDB does not answer
 * a write, those behind it are refused with it. Activities do not wait for each other.
 */
export class SignalWriter {
  /** The activities that somebody signals now. */
  readonly #open = new InFlightMap<string, Open>();

  constructor(
    private readonly activities: Model<ActivityDocument>,
    private readonly link: MongoLink,
    private readonly settings: GroupCommitSettings,
  ) {}

  /**
   * A signal for a wait is a write of its own, which has conditions of its own.
   * @throws ActivityInboxFullError when the inbox holds `INBOX_MAX` signals
   */
  async write(id: string, signal: Signal): Promise<SignalOutcome> {
    const isForWait = signal.kind === 'event' && signal.wait !== undefined;
    if (isForWait) return appendSignal(this.activities, this.link, id, signal);
    const open = this.#open.get(id) ?? { committer: this.#committerOf(id), callers: 0 };
    this.#open.set(id, open);
    open.callers += 1;
    try {
      return await open.committer.add(signal);
    } finally {
      open.callers -= 1;
      if (open.callers === 0) this.#open.delete(id);
    }
  }

  #committerOf(id: string): GroupCommitter<Signal, SignalOutcome> {
    return new GroupCommitter({
      operation: 'signal',
      settings: {
        ...this.settings,
        // Writes at the same time would not keep the order.
        batchesInFlightMax: 1,
        batchItemsMax: Math.min(this.settings.batchItemsMax, INBOX_MAX),
      },
      bytesOf: (signal) => storedBytes(toStored(signal)),
      rejectsQueue: (reason) => reason instanceof StoreUnavailableError,
      write: (signals) =>
        canGoTogether(signals) ? this.#together(id, signals) : this.#oneByOne(id, signals),
    });
  }

  /** All of them in one write, or none; then one read shows which of them can still be appended. */
  async #together(id: string, signals: readonly Signal[]): Promise<readonly Settled[]> {
    try {
      if (await append(this.link, id, signals)) return signals.map(() => fulfilled('appended'));
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      // Together they may be too large for the activity.
      return this.#oneByOne(id, signals);
    }
    const activity = await readInbox(this.activities, this.link, id);
    if (!activity) return signals.map(() => fulfilled('not-found'));
    if (isFinal(activity.status)) return signals.map(() => fulfilled('final'));
    const there = idsIn(activity);
    const room = Math.max(0, INBOX_MAX - activity.inbox.length);
    const missing = signals.filter((signal) => !there.has(signal.id));
    const fitting = missing.slice(0, room);
    // The run took signals between the write and the read.
    if (fitting.length === signals.length) return this.#oneByOne(id, signals);
    const rest = fitting.length === 0 ? [] : await this.#together(id, fitting);
    const outcomes = new Map(fitting.map((signal, at) => [signal, rest[at]]));
    return signals.map(
      (signal) =>
        outcomes.get(signal) ?? (there.has(signal.id) ? fulfilled('duplicate') : full(id)),
    );
  }

  /** In their order. When MongoDB does not answer one, the rest is not tried: it might be written before that one. */
  async #oneByOne(id: string, signals: readonly Signal[]): Promise<readonly Settled[]> {
    const outcomes: Settled[] = [];
    for (const signal of signals) {
      try {
        outcomes.push(fulfilled(await appendSignal(this.activities, this.link, id, signal)));
      } catch (reason) {
        const refused: Settled = { status: 'rejected', reason };
        if (reason instanceof StoreUnavailableError) {
          return signals.map((_, at) => outcomes[at] ?? refused);
        }
        outcomes.push(refused);
      }
    }
    return outcomes;
  }
}

/** A signal that is there twice is appended once. */
function canGoTogether(signals: readonly Signal[]): boolean {
  const ids = new Set(signals.map(({ id }) => id));
  return signals.length > 1 && ids.size === signals.length;
}

function fulfilled(value: SignalOutcome): Settled {
  return { status: 'fulfilled', value };
}

function full(id: string): Settled {
  return { status: 'rejected', reason: new ActivityInboxFullError(id, INBOX_MAX) };
}
