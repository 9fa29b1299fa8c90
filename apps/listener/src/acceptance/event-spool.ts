import { type Dispatch } from '@app/events';
import { type Dispatcher } from '@app/messaging';
import { type RecordOutcome, type StoreUnavailableError } from '@app/persistence';
import { NothingToRecordOnError } from './errors.js';
import { type SpooledContents } from './spooled-contents.js';

/**
 * Keeps events on JetStream while MongoDB is gone. Of those that it kept itself and remembers, it
 * tells a repetition and other content under the same id; what other processes kept, or MongoDB has,
 * is found out when the executor records it.
 */
export class EventSpool {
  /** Events on their way to JetStream, by activity: a second one under the same id waits. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly dispatcher: Dispatcher | undefined,
    private readonly contents: SpooledContents,
  ) {}

  /** @throws NothingToRecordOnError */
  async keep(
    dispatch: Dispatch,
    storeError: StoreUnavailableError,
  ): Promise<RecordOutcome | 'kept'> {
    const { activityId, event } = dispatch;
    for (let other = this.#underWay.get(activityId); other;) {
      await other;
      other = this.#underWay.get(activityId);
    }
    const known = this.contents.compare(activityId, event);
    if (known) return known;
    if (!this.dispatcher?.available) throw new NothingToRecordOnError(storeError);
    const keeping = this.#dispatch(this.dispatcher, dispatch).finally(() =>
      this.#underWay.delete(activityId),
    );
    this.#underWay.set(
      activityId,
      keeping.catch(() => undefined),
    );
    await keeping;
    return 'kept';
  }

  async #dispatch(dispatcher: Dispatcher, dispatch: Dispatch): Promise<void> {
    try {
      await dispatcher.dispatch(dispatch);
    } catch (error) {
      throw new NothingToRecordOnError(error);
    }
    this.contents.remember(dispatch.activityId, dispatch.event);
  }
}
