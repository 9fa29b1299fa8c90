import { activityNoticeSubject } from '../topology/names.js';
import { NatsBroadcast, type SignedNoticeOptions } from '../link/nats-broadcast.js';
import { type NatsLink } from '../link/nats-link.js';

/**
 * Tells the executor that drives an activity that its inbox has a signal (a cancel, an event, a vote, a worker's
 * result). The writer of a signal calls `notify` after the write.
 *
 * A notice has the id alone, is not stored, and may get lost. It only shortens the delay until the executor reads the
 * inbox by itself. An executor ignores a notice of an activity that it does not drive, without a read or a write.
 */
export abstract class ActivityNotices {
  /** Whether notices can be sent now. */
  abstract readonly available: boolean;

  /** Sends a notice. Never throws, and does not wait for the server. */
  abstract notify(activityId: string): void;

  /**
   * Calls back with each id; returns what unsubscribes.
   * @param concerns whether this process needs notices of the activity; called before any other work on a notice
   */
  abstract subscribe(
    onNotice: (activityId: string) => void,
    concerns?: (activityId: string) => boolean,
  ): () => void;
}

/** Notices of an installation without NATS: none is sent, and executors poll the inboxes. */
export class NoActivityNotices extends ActivityNotices {
  override readonly available: boolean = false;

  override notify(): void {
    // No executor listens.
  }

  override subscribe(): () => void {
    return () => undefined;
  }
}

/** Notices over core NATS; every executor gets all of them. */
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
