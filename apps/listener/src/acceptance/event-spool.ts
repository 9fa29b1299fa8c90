import { InFlightMap } from '@app/collections';
import { type Dispatch } from '@app/events';
import { type Dispatcher } from '@app/messaging';
import { type RecordOutcome, type StoreUnavailableError } from '@app/persistence';
import { NothingToRecordOnError } from './errors.js';
import { type SpooledContents } from './spooled-contents.js';

/**
 * Stores events on JetStream while MongoDB is gone. It recognizes a repeated event, and other content under the same
 * id, among the events that this process spooled and remembers. Repetitions of other events are recognized when the
 * executor records them.
 */
export class EventSpool {
  /** Publications in flight, by activity id. A second event with the same id waits for the first. */
  readonly #underWay = new InFlightMap<string, Promise<void>>();

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
