import { InFlightSet } from '@app/collections';
import { FlowError } from '@app/errors';
import { type Dispatch } from '@app/events';
import { type Dispatcher } from '@app/messaging';
import { Episode, type Log } from '@app/observability';
import { setTimeout as delay } from 'node:timers/promises';
import { type DispatchRetries } from './dispatch-retries.js';

/** Dispatches recorded events. Answers to senders do not wait for this. */
export class BackgroundDispatches {
  readonly #inFlight = new InFlightSet<Promise<void>>();
  readonly #failures: Episode;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly retries: DispatchRetries,
    log: Log,
  ) {
    this.#failures = new Episode(log, {
      began:
        'Dispatch failed; it is retried until an executor can be reached, or the sweeper finds the activity',
      ended: 'Dispatches failed',
    });
  }

  /**
   * Resolves when the event is no longer needed in memory; never rejects. A failed dispatch is retried. If there are
   * too many retries, the sweeper finds the activity.
   */
  begin(dispatch: Dispatch): Promise<void> {
    const dispatching: Promise<void> = this.dispatcher
      .dispatch(dispatch)
      .catch((error: unknown) => {
        const reason = error instanceof FlowError ? error.message : String(error);
        const { activityId } = dispatch;
        const retried = this.retries.add(activityId);
        this.#failures.occurred(() => ({ activityId, reason, retried }));
      })
      .finally(() => this.#inFlight.delete(dispatching));
    this.#inFlight.add(dispatching);
    return dispatching;
  }

  /** Waits up to `withinMs` for the dispatches in flight. */
  async settle(withinMs: number): Promise<void> {
    const late = delay(withinMs, undefined, { ref: false });
    await Promise.race([Promise.all(this.#inFlight), late]);
  }
}
