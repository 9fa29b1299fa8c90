import { type CorrelatedEvent, type StoredCorrelatedEvent } from './correlated-event.js';

/** A `given` event whose delivery a process continues. */
export interface ResumedDelivery {
  readonly activities: readonly string[];
  /** For `release`: valid until another process resumes the delivery. */
  readonly token: string;
}

/**
 * Events with a correlation key. An event is stored with its payload until an activity that waits for its
 * topic and key takes it, and from then on without the payload, to recognize repeats. Each write is durable
 * when its promise resolves.
 *
 * Every method rejects with `StoreUnavailableError` (transient) when MongoDB does not answer in time; a
 * write may then have happened or not.
 */
export abstract class CorrelatedEventStore {
  /**
   * Stores an event as `kept`.
   * @param expiresAt when it is removed if nothing has waited for it by then, in milliseconds since 1970
   * @returns `added`, or the stored event if its id exists already
   */
  abstract add(event: CorrelatedEvent, expiresAt: number): Promise<StoredCorrelatedEvent | 'added'>;

  abstract get(id: string): Promise<StoredCorrelatedEvent | undefined>;

  /** The events for a wait that are not `done`, oldest first. */
  abstract pending(
    workflowId: string,
    waitKey: string,
    limit: number,
  ): Promise<readonly StoredCorrelatedEvent[]>;

  /**
   * Changes an event from `kept` to `given`, for these activities.
   * @returns false when the event is not `kept`, because another process claimed it
   */
  abstract claim(id: string, activities: readonly string[]): Promise<boolean>;

  /**
   * Continues the delivery of a `given` event. From then on only the caller can `release` it, because it may signal
   * the activities after the process that claimed it, or resumed it before, has found that none takes it.
   * @returns undefined when the event is not `given`
   */
  abstract resume(id: string): Promise<ResumedDelivery | undefined>;

  /**
   * Changes an event from `given` back to `kept`, because no activity took it.
   * @param token of the caller's `resume`; undefined if the caller claimed it
   * @returns false when another process has resumed it since, or it is `done`
   */
  abstract release(id: string, token?: string): Promise<boolean>;

  /**
   * Changes an event from `given` to `done`: these activities have the signal.
   * @param expiresAt until when repeats of it are recognized, in milliseconds since 1970; undefined removes it now
   */
  abstract finish(
    id: string,
    activities: readonly string[],
    expiresAt: number | undefined,
  ): Promise<void>;

  /**
   * Removes an event that is `kept`.
   * @returns false when it is `given` or `done`
   */
  abstract withdraw(id: string): Promise<boolean>;

  /** The number of a workflow's events that are not `done`, and their bytes; counts `countMax` events at most. */
  abstract held(
    workflowId: string,
    countMax: number,
  ): Promise<{ readonly count: number; readonly bytes: number }>;
}
