import { type Dispatch, toStructuredJson } from '@app/events';
import { Dispatcher } from '../dispatcher.js';
import { DispatchFailedError, NoRoomError } from '../errors.js';

/** The contract of `Dispatcher` in memory. It records dispatches and can be made to fail. */
export class MemoryDispatcher extends Dispatcher {
  override available = true;

  readonly dispatched: Dispatch[] = [];
  readonly notified: string[] = [];
  /** The bytes of each dispatch in flight. */
  readonly #inFlight: number[] = [];

  constructor(
    override readonly transport: 'nats' | 'http' = 'nats',
    private readonly inFlightMax = 1_000,
    private readonly inFlightBytesMax = Infinity,
  ) {
    super();
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
    const others = this.#inFlight.reduce((sum, one) => sum + one, 0);
    if (this.#inFlight.length === this.inFlightMax) throw new NoRoomError(this.transport, 'full');
    if (others > 0 && others + bytes > this.inFlightBytesMax) {
      throw new NoRoomError(this.transport, 'full of bytes');
    }
    this.#inFlight.push(bytes);
    await Promise.resolve();
    this.#inFlight.splice(this.#inFlight.indexOf(bytes), 1);
    take();
  }
}
