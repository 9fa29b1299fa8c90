import { type Dispatch } from '@app/events';
import { Dispatcher } from '../dispatcher.js';

export interface FailoverObserver {
  onHandedOver(transport: Dispatcher['transport']): void;
  /** One way did not take it; after the first one the second is tried. */
  onFailed(transport: Dispatcher['transport']): void;
}

/**
 * Takes the first way while it is there, else the second, and the first again as soon as it is back.
 * It fails only when both did, and then with the second's error. What the first may have taken
 * all the same is dispatched twice; an activity begins once.
 */
export class FailoverDispatcher extends Dispatcher {
  constructor(
    private readonly primary: Dispatcher,
    private readonly secondary: Dispatcher,
    private readonly observer: FailoverObserver,
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
        this.observer.onHandedOver(this.primary.transport);
        return;
      } catch {
        this.observer.onFailed(this.primary.transport);
      }
    }
    try {
      await send(this.secondary);
    } catch (error) {
      this.observer.onFailed(this.secondary.transport);
      throw error;
    }
    this.observer.onHandedOver(this.secondary.transport);
  }
}
