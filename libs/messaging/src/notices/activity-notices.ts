import { activityNoticeSubject } from '../topology/names.js';
import { NatsBroadcast, type SignedNoticeOptions } from '../link/nats-broadcast.js';
import { type NatsLink } from '../link/nats-link.js';

/**
 * Tells the executor that drives an activity that its inbox has a signal (a cancel, an event, a vote, a worker's
 * result). The writer of a signal calls `notify` after the write.
 *
 * A notice carries the id alone, is not stored, and may get lost: it saves waiting, and the inbox is the truth. An
 * executor ignores a notice of an activity that it does not drive, without a read or a write.
 */
export abstract class ActivityNotices {
  /** Whether notices can be sent now. */
  abstract readonly available: boolean;

  /** Never throws and waits for nothing. */
  abstract notify(activityId: string): void;

  /**
   * Calls back with each id; returns what unsubscribes.
   * @param concerns whether a notice of this activity is of use here; called before anything else is done
   */
  abstract subscribe(
    onNotice: (activityId: string) => void,
    concerns?: (activityId: string) => boolean,
  ): () => void;
}

/** Without NATS no notice goes out; drivers look at their inboxes by themselves. */
export class NoActivityNotices extends ActivityNotices {
  override readonly available: boolean = false;

  override notify(): void {
    // No executor listens.
  }

  override subscribe(): () => void {
    return () => undefined;
  }
}

/** Notices over core NATS: every executor gets each of them. */
export class NatsActivityNotices extends ActivityNotices {
  readonly #broadcast: NatsBroadcast;

  constructor(link: NatsLink, options: SignedNoticeOptions) {
    super();
    this.#broadcast = new NatsBroadcast(link, activityNoticeSubject, options);
  }

  override get available(): boolean {
    return this.#broadcast.available;
  }

  override notify(activityId: string): void {
    this.#broadcast.publish(activityId);
  }

  override subscribe(
    onNotice: (activityId: string) => void,
    concerns?: (activityId: string) => boolean,
  ): () => void {
    return this.#broadcast.subscribe(onNotice, concerns);
  }
}
