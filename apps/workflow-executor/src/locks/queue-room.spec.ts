import { jest } from '@jest/globals';
import { aNewActivity, MemoryActivityStore, MemoryLockStore, NOW } from '@app/persistence/testing';
import { type SlotEntry } from '@app/workflow-engine';
import { QueueRoom } from './queue-room.js';
import { SlotService } from './slot-service.js';

const QUEUE_MAX = 320;
const entry: SlotEntry = { lock: 'key', task: '', attempt: 1, limit: 1 };

describe(QueueRoom.name, () => {
  it('has a queue counted now and then while it has room, and each time when it is almost full', async () => {
    let now = NOW;
    const slots = new MemoryLockStore();
    const activities = new MemoryActivityStore();
    await activities.record(aNewActivity({ id: 'holder' }));
    const service = new SlotService(
      slots,
      activities,
      () => now,
      () => undefined,
      QUEUE_MAX,
    );
    const count = jest.spyOn(slots, 'countWaitingBefore');
    await service.ask('holder', entry, NOW);
    let waiting = 0;
    const askOnce = async (): Promise<void> => {
      waiting += 1;
      await service.ask(`waits-${waiting}`, entry, NOW + waiting);
    };
    while (waiting < 20) await askOnce();
    expect(count).toHaveBeenCalledTimes(1);
    await askOnce();
    expect(count).toHaveBeenCalledTimes(2);
    now += 1_000;
    await askOnce();
    expect(count).toHaveBeenCalledTimes(3);

    while (waiting < QUEUE_MAX + 10) await askOnce();

    expect(count.mock.calls.length).toBeLessThan(QUEUE_MAX / 2);
    const queue = await slots.newest('key', { skip: 0, limit: 2 * QUEUE_MAX, waiting: true });
    expect(queue).toHaveLength(QUEUE_MAX);
  });
});
