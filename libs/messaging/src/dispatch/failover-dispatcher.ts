import { type Dispatch } from '@app/events';
import { Dispatcher } from '../dispatcher.js';

/**
 * Uses the first dispatcher while it is available, else the second, and the first again as soon as it is back. It
 * fails only when both failed, and then with the second's error. A dispatch that the first may have taken despite its
 * error is dispatched twice; an activity begins once.
 */
export class FailoverDispatcher extends Dispatcher {
  constructor(
    private readonly primary: Dispatcher,
    private readonly secondary: Dispatcher,
  ) {
    super();
  }

  /** The dispatcher of the next dispatch. */
  override get transport(): Dispatcher['transport'] {
    return this.#next.transport;
  }

  override get available(): boolean {
    return this.primary.available || this.secondary.available;
  }

  override async dispatch(dispatch: Dispatch): Promise<void> {
    await this.#handOver((way) => way.dispatch(dispatch));
  }

  override async notify(activityId: string): Promise<void> {
    await this.#handOver((way) => way.notify(activityId));
  }

  get #next(): Dispatcher {
    return this.primary.available ? this.primary : this.secondary;
  }

  async #handOver(send: (way: Dispatcher) => Promise<void>): Promise<void> {
    if (this.primary.available) {
      try {
        await send(this.primary);
        return;
      } catch {
        // Successes and failures are counted by each dispatcher (`CountedDispatcher` of the listener).
      }
    }
    await send(this.secondary);
  }
}
