import { type Dispatch } from '@app/events';
import { anEvent, jsonData } from '@app/events/testing';
import { CompiledFilters } from '@app/filters';
import { DispatchFailedError } from '@app/messaging';
import { MemoryDispatcher } from '@app/messaging/testing';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { aWorkflow, MemoryActivityStore, NOW } from '@app/persistence/testing';
import { DEFAULT_RETRY_SETTINGS, DispatchRetries } from './dispatch-retries.js';
import { type Accepted, EventAcceptance } from './event-acceptance.js';
import { SpooledContents } from './spooled-contents.js';

class DispatcherThatWaits extends MemoryDispatcher {
  constructor(private readonly answer: () => Promise<void>) {
    super();
  }

  override async dispatch(dispatch: Dispatch): Promise<void> {
    await this.answer();
    await super.dispatch(dispatch);
  }
}

const noAnswer = (): Promise<void> =>
  Promise.reject(new DispatchFailedError('nats', 'no acknowledgement'));

describe('EventAcceptance while MongoDB is gone', () => {
  let store: MemoryActivityStore;
  let dispatcher: MemoryDispatcher;
  let spoolDispatcher: MemoryDispatcher | undefined;
  let log: MemoryLog;
  let retries: DispatchRetries;

  beforeEach(() => {
    store = new MemoryActivityStore();
    dispatcher = new MemoryDispatcher();
    spoolDispatcher = new MemoryDispatcher();
    log = new MemoryLog();
  });

  function acceptance(): EventAcceptance {
    const metrics = new FlowMetrics();
    const settings = { ...DEFAULT_RETRY_SETTINGS, waitingMax: 10 };
    retries = new DispatchRetries(dispatcher, settings);
    const clock = (): number => NOW;
    const spooled = new SpooledContents({ bytesMax: 100_000, ageMsMax: 60_000 });
    const filters = new CompiledFilters();
    const decisions = { add: () => undefined, refused: () => undefined };
    const stores = { store, spooled, filters, decisions };
    const parts = { ...stores, dispatcher, spoolDispatcher, retries, clock, metrics, log };
    return new EventAcceptance(parts);
  }

  async function accepted(accepting: EventAcceptance): Promise<Accepted> {
    const acceptance = await accepting.accept(admitted);
    if (acceptance.kind !== 'accepted') throw new Error(acceptance.kind);
    return acceptance;
  }

  const admitted = { workflow: aWorkflow(), trigger: 'event', event: anEvent() } as const;

  it('keeps the event elsewhere while MongoDB is gone, and says that it is the only copy', async () => {
    store.outage.begin();
    const { activityId } = await accepted(acceptance());

    expect(spoolDispatcher?.dispatched).toMatchObject([{ activityId, recorded: false }]);
    expect(dispatcher.dispatched).toHaveLength(0);
  });

  describe('of what it kept elsewhere while MongoDB was gone', () => {
    const other = { ...admitted, event: anEvent({ data: jsonData({ other: true }) }) };
    const again = { ...admitted, event: anEvent({ time: '2026-01-01T00:00:00Z' }) };
    const CONFLICT = { code: 'EVENT_CONFLICT' };

    it('knows the same content and other content under its id', async () => {
      store.outage.begin();
      const accepting = acceptance();
      const first = await accepting.accept(admitted);

      await expect(accepting.accept(other)).rejects.toMatchObject(CONFLICT);
      expect(await accepting.accept(again)).toEqual({ ...first, replayed: true });
      expect(spoolDispatcher?.dispatched).toHaveLength(1);
    });

    it('lets nothing get in between when MongoDB is back before it is on record', async () => {
      store.outage.begin();
      const accepting = acceptance();
      const { activityId } = await accepted(accepting);
      store.outage.end();

      await expect(accepting.accept(other)).rejects.toMatchObject(CONFLICT);
      expect(await store.get(activityId)).toBeUndefined();
      await accepting.accept(again);
      expect(await store.get(activityId)).toMatchObject({ event: again.event });
      await expect(accepting.accept(other)).rejects.toMatchObject(CONFLICT);
    });

    it('believes the record rather than itself', async () => {
      const accepting = acceptance();
      await accepting.accept(other);
      store.outage.begin();
      await accepting.accept(admitted);
      store.outage.end();

      expect(await accepting.accept(other)).toMatchObject({ replayed: true });
    });

    it.each([
      ['is kept', ['fulfilled', 'rejected']],
      ['is not kept', ['rejected', 'fulfilled']],
    ])('lets other content wait until it is known that the first %s', async (what, expected) => {
      let answer: (isKept: boolean) => void = () => undefined;
      const answered = new Promise<boolean>((resolve) => (answer = resolve));
      let attempts = 0;
      spoolDispatcher = new DispatcherThatWaits(async () => {
        attempts += 1;
        if (attempts === 1 && !(await answered)) await noAnswer();
      });
      store.outage.begin();
      const accepting = acceptance();

      const outcomes = Promise.allSettled([accepting.accept(admitted), accepting.accept(other)]);
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(attempts).toBe(1);
      answer(what === 'is kept');

      expect((await outcomes).map(({ status }) => status)).toEqual(expected);
    });
  });

  it('accepts nothing, while MongoDB is gone, before the other place has the event', async () => {
    let take = (): void => undefined;
    const taken = new Promise<void>((resolve) => (take = resolve));
    spoolDispatcher = new DispatcherThatWaits(() => taken);
    store.outage.begin();
    let accepted = false;
    const accepting = acceptance()
      .accept(admitted)
      .then(() => (accepted = true));

    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(accepted).toBe(false);
    take();
    await accepting;
    expect(spoolDispatcher.dispatched).toHaveLength(1);
  });
});
