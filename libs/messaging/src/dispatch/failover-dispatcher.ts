import { type Dispatch } from '@app/events';
import { Dispatcher } from '../dispatcher.js';

/**
 * Takes the first way while it is there, else the second, and the first again as soon as it is back.
 * It fails only when both did, and then with the second's error. What the first may have taken
 * all the same is dispatched twice; an activity begins once.
 */
export class FailoverDispatcher extends Dispatcher {
  constructor(
    private readonly primary: Dispatcher,
    private readonly secondary: Dispatcher,
  ) {
    super();
  }

  /** The way that the next dispatch takes. */
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
        // What took it, and what did not, is counted by each way (`CountedDispatcher` of the listener).
      }
    }
    await send(this.secondary);
  }
}
