import { type Dispatch, toStructuredJson } from '@app/events';
import { Dispatcher } from '../dispatcher.js';
import { InFlightBudget } from '../dispatch/in-flight-budget.js';
import { DispatchFailedError } from '../errors.js';

/** Keeps what it is given, and can be made to fail; passes the contract of `Dispatcher`. */
export class MemoryDispatcher extends Dispatcher {
  override available = true;

  readonly dispatched: Dispatch[] = [];
  readonly notified: string[] = [];
  readonly #budget: InFlightBudget;

  constructor(
    override readonly transport: 'nats' | 'http' = 'nats',
    inFlightMax = 1_000,
    inFlightBytesMax = Infinity,
  ) {
    super();
    this.#budget = new InFlightBudget(transport, { inFlightMax, inFlightBytesMax });
  }

  override async dispatch(dispatch: Dispatch): Promise<void> {
    const bytes = Buffer.byteLength(toStructuredJson(dispatch.event));
    await this.#handOver(bytes, () => this.dispatched.push(dispatch));
  }

  override async notify(activityId: string): Promise<void> {
    await this.#handOver(0, () => this.notified.push(activityId));
  }

  async #handOver(bytes: number, take: () => void): Promise<void> {
    if (!this.available) throw new DispatchFailedError(this.transport, 'made to fail');
    this.#budget.take(bytes);
    await Promise.resolve();
    this.#budget.give(bytes);
    take();
  }
}
