import { type Dispatch } from '@app/events';
import { Dispatcher } from '@app/messaging';
import { type FlowMetrics } from '@app/observability';

/**
 * Counts the successes and failures of one dispatcher. Every dispatcher is wrapped in one of these, so a dispatch is
 * counted here and nowhere else.
 */
export class CountedDispatcher extends Dispatcher {
  constructor(
    private readonly way: Dispatcher,
    private readonly metrics: FlowMetrics,
  ) {
    super();
  }

  override get transport(): Dispatcher['transport'] {
    return this.way.transport;
  }

  override get available(): boolean {
    return this.way.available;
  }

  override dispatch(dispatch: Dispatch): Promise<void> {
    return this.#counted(this.way.dispatch(dispatch));
  }

  override notify(activityId: string): Promise<void> {
    return this.#counted(this.way.notify(activityId));
  }

  async #counted(sending: Promise<void>): Promise<void> {
    try {
      await sending;
    } catch (error) {
      this.metrics.dispatchFailed(this.transport);
      throw error;
    }
    this.metrics.dispatched(this.transport);
  }
}
