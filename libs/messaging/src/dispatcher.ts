import { type Dispatch } from '@app/events';

/**
 * Tells executors what needs attention. JetStream and HTTP are two ways to do it; what an adapter
 * guarantees when `dispatch` resolves is the only difference a caller may rely on.
 *
 * Both methods reject with `DispatchFailedError` (transient) when it was not handed over for sure;
 * it may have been all the same, which is harmless, because an activity begins once.
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
