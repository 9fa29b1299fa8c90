import { type Dispatch } from '@app/events';

/**
 * Tells executors which activities need attention, over JetStream or HTTP. The adapters differ only in what they
 * guarantee when `dispatch` resolves.
 *
 * Both methods reject with `DispatchFailedError` (transient) when it is not certain that the message was handed over.
 * It may have been handed over nevertheless, which is harmless, because an activity begins once.
 */
export abstract class Dispatcher {
  /** The transport's name in metrics and logs. */
  abstract readonly transport: 'nats' | 'http';

  /** Whether it is worth trying now; false while the other side is known to be gone. */
  abstract readonly available: boolean;

  abstract dispatch(dispatch: Dispatch): Promise<void>;

  /** An activity has a new signal in its inbox. */
  abstract notify(activityId: string): Promise<void>;
}
