import { type Dispatch } from '@app/events';
import { Dispatcher } from '../dispatcher.js';
import { DispatchFailedError } from '../errors.js';

/** Keeps what it is given, and can be made to fail; passes the contract of `Dispatcher`. */
export class MemoryDispatcher extends Dispatcher {
  override available = true;

  readonly dispatched: Dispatch[] = [];
  readonly woken: string[] = [];
  #inFlight = 0;

  constructor(
    override readonly transport: 'nats' | 'http' = 'nats',
    private readonly inFlightMax = 1_000,
  ) {
    super();
  }

  override async dispatch(dispatch: Dispatch): Promise<void> {
    await this.#handOver(() => this.dispatched.push(dispatch));
  }

  override async wake(activityId: string): Promise<void> {
    await this.#handOver(() => this.woken.push(activityId));
  }

  async #handOver(take: () => void): Promise<void> {
    if (!this.available) throw new DispatchFailedError(this.transport, 'made to fail');
    if (this.#inFlight >= this.inFlightMax) {
      throw new DispatchFailedError(this.transport, `${this.inFlightMax} are on their way`);
    }
    this.#inFlight += 1;
    await Promise.resolve();
    this.#inFlight -= 1;
    take();
  }
}
