import { aDispatch, anEvent, jsonData } from '@app/events/testing';
import { type Dispatcher } from '../dispatcher.js';
import { DispatchFailedError } from '../errors.js';

export interface DispatcherHarness {
  readonly dispatcher: Dispatcher;
  /** The bound of the dispatcher under test, which the tests exceed. */
  readonly inFlightMax: number;
  readonly inFlightBytesMax: number;
  /** The activity ids that the receiver has got so far, one for each message. */
  dispatched(): Promise<readonly string[]>;
  notified(): Promise<readonly string[]>;
  /** Stops the receiver. For an adapter with a link, it resolves when the link knows. */
  takeAway(): Promise<void>;
  /** Starts the receiver again; resolves likewise. */
  bringBack(): Promise<void>;
  close(): Promise<void>;
}

/** What every `Dispatcher` does; runs on the fake and on each adapter. */
export function describeDispatcher(name: string, start: () => Promise<DispatcherHarness>): void {
  describe(`${name} as a Dispatcher`, () => {
    let harness: DispatcherHarness;

    beforeEach(async () => {
      harness = await start();
    });

    afterEach(async () => {
      await harness.close();
    });

    it('delivers a dispatch before it resolves', async () => {
      const dispatch = aDispatch();

      await harness.dispatcher.dispatch(dispatch);

      expect(await harness.dispatched()).toEqual([dispatch.activityId]);
    });

    it('delivers all of many concurrent dispatches', async () => {
      const dispatches = Array.from({ length: harness.inFlightMax }, (_, n) =>
        aDispatch({ event: anEvent({ id: `e${n}` }) }),
      );

      await Promise.all(dispatches.map((dispatch) => harness.dispatcher.dispatch(dispatch)));

      const ids = dispatches.map(({ activityId }) => activityId);
      expect(new Set(await harness.dispatched())).toEqual(new Set(ids));
    });

    it('accepts the same dispatch a second time', async () => {
      await harness.dispatcher.dispatch(aDispatch());

      await expect(harness.dispatcher.dispatch(aDispatch())).resolves.toBeUndefined();
    });

    it('delivers every notification of an activity', async () => {
      await harness.dispatcher.notify('activity-1');
      await harness.dispatcher.notify('activity-1');

      expect(await harness.notified()).toEqual(['activity-1', 'activity-1']);
    });

    it('refuses dispatches beyond its bound, and delivers the rest', async () => {
      const beyond = harness.inFlightMax + 1;
      const dispatches = Array.from({ length: beyond }, (_, n) =>
        aDispatch({ event: anEvent({ id: `e${n}` }) }),
      );

      const outcomes = await Promise.allSettled(
        dispatches.map((dispatch) => harness.dispatcher.dispatch(dispatch)),
      );

      expect(outcomes.at(-1)).toMatchObject({ reason: expect.any(DispatchFailedError) as unknown });
      expect(await harness.dispatched()).toHaveLength(harness.inFlightMax);
    });

    it('refuses dispatches beyond its bound in bytes, and accepts more when those are delivered', async () => {
      const quarter = 'x'.repeat(harness.inFlightBytesMax / 4);
      const send = (id: string): Promise<void> =>
        harness.dispatcher.dispatch(aDispatch({ event: anEvent({ id, data: jsonData(quarter) }) }));

      const outcomes = await Promise.allSettled(['1', '2', '3', '4'].map(send));
      await send('5');

      expect(outcomes.map(({ status }) => status)).toEqual([
        ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
      ]);
      expect(await harness.dispatched()).toHaveLength(4);
    });

    it('fails with a transient error while the other side is gone', async () => {
      await harness.takeAway();

      await expect(harness.dispatcher.dispatch(aDispatch())).rejects.toMatchObject({
        code: 'DISPATCH_FAILED',
        kind: 'transient',
      });
      await expect(harness.dispatcher.notify('activity-1')).rejects.toBeInstanceOf(
        DispatchFailedError,
      );
    });

    it('delivers again when the other side is back', async () => {
      await harness.takeAway();
      await harness.dispatcher
        .dispatch(aDispatch({ event: anEvent({ id: 'before' }) }))
        .catch(() => undefined);
      await harness.bringBack();
      const dispatch = aDispatch({ event: anEvent({ id: 'after' }) });

      await harness.dispatcher.dispatch(dispatch);

      expect(await harness.dispatched()).toContain(dispatch.activityId);
    });
  });
}
