import { until } from '@app/errors/testing';
import { MemoryDispatcher } from '@app/messaging/testing';
import { jest } from '@jest/globals';
import { DEFAULT_RETRY_SETTINGS, DispatchRetries } from './dispatch-retries.js';

class CountingDispatcher extends MemoryDispatcher {
  attempts = 0;

  override async notify(activityId: string): Promise<void> {
    this.attempts += 1;
    await super.notify(activityId);
  }
}

describe(DispatchRetries.name, () => {
  let dispatcher: CountingDispatcher;
  let retries: DispatchRetries;

  beforeEach(() => {
    dispatcher = new CountingDispatcher();
    const settings = { waitingMax: 100, pauseMs: 1, pauseMsMax: 4, inFlightMax: 3 };
    retries = new DispatchRetries(dispatcher, settings);
  });

  afterEach(() => {
    retries.close();
  });

  it('notifies an executor of each activity once, as soon as an executor can be reached', async () => {
    dispatcher.available = false;
    const ids = Array.from({ length: 100 }, (_, n) => `activity-${n}`);
    for (const id of ids) expect(retries.add(id)).toBe(true);
    await until(() => dispatcher.attempts >= 5);
    expect(retries.size).toBeGreaterThan(0);

    dispatcher.available = true;
    await until(() => dispatcher.notified.length === ids.length);

    expect(new Set(dispatcher.notified)).toEqual(new Set(ids));
    expect(retries.size).toBe(0);
  });

  it('tries one activity at a time while no executor can be reached', async () => {
    dispatcher.available = false;
    for (let n = 0; n < 100; n += 1) retries.add(`activity-${n}`);
    const before = dispatcher.attempts;
    await new Promise((resolve) => setImmediate(resolve));

    expect(dispatcher.attempts - before).toBeLessThanOrEqual(1);
  });

  it.each([100, 5_000, 3_600_000])(
    'notifies executors of all waiting activities within one pause after an outage of %d ms',
    async (outageMs) => {
      jest.useFakeTimers();
      try {
        const { pauseMsMax } = DEFAULT_RETRY_SETTINGS;
        const settings = { ...DEFAULT_RETRY_SETTINGS, waitingMax: 5_000 };
        retries = new DispatchRetries(dispatcher, settings);
        dispatcher.available = false;
        for (let n = 0; n < settings.waitingMax; n += 1) retries.add(`activity-${n}`);
        await jest.advanceTimersByTimeAsync(outageMs);
        // One attempt for each pause, however many ids wait.
        expect(dispatcher.attempts).toBeLessThan(3 + outageMs / pauseMsMax);

        dispatcher.available = true;
        await jest.advanceTimersByTimeAsync(pauseMsMax);

        expect(new Set(dispatcher.notified).size).toBe(settings.waitingMax);
        expect(dispatcher.notified).toHaveLength(settings.waitingMax);
      } finally {
        jest.useRealTimers();
      }
    },
  );

  it('keeps at most `waitingMax` ids', () => {
    dispatcher.available = false;
    for (let n = 0; n < 100; n += 1) retries.add(`activity-${n}`);

    expect(retries.add('one-more')).toBe(false);
    expect(retries.size).toBe(100);
  });
});
