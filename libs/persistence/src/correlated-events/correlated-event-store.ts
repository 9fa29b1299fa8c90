import { type CorrelatedEvent, type StoredCorrelatedEvent } from './correlated-event.js';

/**
 * Events that are for whatever waits for their topic and key: until something does, and then, without
 * their payloads, so that one that comes again is known. Each write is durable when its promise resolves.
 *
 * Every method rejects with `StoreUnavailableError` (transient) when MongoDB does not answer in time; the
 * write may then have happened or not.
 */
export abstract class CorrelatedEventStore {
  /**
   * Puts it there as `kept`, or gives what is there under its id.
   * @param expiresAt when it goes if nothing has waited for it by then, in milliseconds since 1970
   */
  abstract add(event: CorrelatedEvent, expiresAt: number): Promise<StoredCorrelatedEvent | 'added'>;

  abstract get(id: string): Promise<StoredCorrelatedEvent | undefined>;

  /** Those for a wait that are not done, in the order they came. */
  abstract pending(
    workflowId: string,
    waitKey: string,
    limit: number,
  ): Promise<readonly StoredCorrelatedEvent[]>;

  /** From `kept` to `given`, for these activities. False when it is not kept: another has done that. */
  abstract claim(id: string, activities: readonly string[]): Promise<boolean>;

  /**
   * Whom it is given to, if it is; from then on whoever claimed it can't take that back (`release`), because
   * somebody else tells them, too.
   */
  abstract resume(id: string): Promise<readonly string[] | undefined>;

  /** From `given` back to `kept`, because nobody took it. False when another has resumed it, or it is done. */
  abstract release(id: string): Promise<boolean>;

  /**
   * From `given` to `done`: these have it. Known until `expiresAt`, or gone if that is absent.
   */
  abstract finish(
    id: string,
    activities: readonly string[],
    expiresAt: number | undefined,
  ): Promise<void>;

  /** Takes away what is kept. False when it is given or done. */
  abstract withdraw(id: string): Promise<boolean>;

  /** How many of a workflow are not done, and their bytes; counted no further than `countMax`. */
  abstract held(
    workflowId: string,
    countMax: number,
  ): Promise<{ readonly count: number; readonly bytes: number }>;
}
