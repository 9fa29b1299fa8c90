import { DispatchFailedError, DispatchTooLargeError, type StatusPublisher } from '@app/messaging';
import { aNewActivity, NOW } from '@app/persistence/testing';
import { type OutboxEntry } from '@app/workflow-engine';
import { StatusEventDelivery } from './status-event-delivery.js';
import { TASK_STATUS_ENTRY } from './task-statuses.js';
import { type DeliveryRig, describeOutboxDelivery } from './testing/outbox-delivery.contract.js';

type Publishing = Parameters<StatusPublisher['publish']>[0];

/** Of a delivery that may take as long as it likes. */
const GOING_ON = new AbortController().signal;

/** JetStream as far as a publisher of status events sees it. */
class MemoryStatuses implements Pick<StatusPublisher, 'available' | 'publish'> {
  available = true;
  fault: 'none' | 'lost-answer' | 'too-large' = 'none';
  readonly events: Publishing['event'][] = [];

  async publish({ event }: Publishing): Promise<void> {
    const { fault } = this;
    this.fault = 'none';
    if (fault === 'too-large') throw new DispatchTooLargeError('nats', 2, 1);
    this.events.push(event);
    if (fault === 'lost-answer') throw new DispatchFailedError('nats', 'no answer');
  }
}

function aRig(): DeliveryRig {
  const statuses = new MemoryStatuses();
  return {
    delivery: new StatusEventDelivery(statuses),
    payload: { status: 'succeeded', previous: 'running' },
    get received() {
      return statuses.events.map(({ id }) => id);
    },
    setAvailable: (available) => {
      statuses.available = available;
    },
    loseNextAnswer: () => {
      statuses.fault = 'lost-answer';
    },
    refuseNext: () => {
      statuses.fault = 'too-large';
    },
  };
}

describeOutboxDelivery(StatusEventDelivery.name, aRig);

describe('statuses of tasks', () => {
  const entry: OutboxEntry = {
    id: '12',
    kind: TASK_STATUS_ENTRY,
    key: 'status',
    createdAt: NOW,
    payload: {
      tasks: [
        { task: 'ask the bank', status: 'failed', previous: 'running', attempt: 2, code: 'NO' },
        { task: 'b', status: 'waiting', previous: 'pending', attempt: 1, waitsFor: 'timer' },
      ],
    },
  };

  it('are one event each, in order, the same at each delivery', async () => {
    const statuses = new MemoryStatuses();
    const origin = aNewActivity();
    for (let time = 1; time <= 2; time += 1)
      await new StatusEventDelivery(statuses).deliver(entry, origin, GOING_ON);

    const [first, second, ...again] = statuses.events;
    expect(again).toEqual([first, second]);
    expect(first).toMatchObject({
      id: `${origin.id}:12.0001`,
      type: 'io.boomerang.event.status.taskrun',
      subject: `/activities/${origin.id}/tasks/ask%20the%20bank`,
      extensions: { sequence: '0000000012.0001' },
      data: {
        value: { task: 'ask the bank', status: 'failed', attempt: 2, failure: { code: 'NO' } },
      },
    });
    expect(second).toMatchObject({
      extensions: { sequence: '0000000012.0002' },
      data: { value: { task: 'b', status: 'waiting', waitsFor: 'timer' } },
    });
  });

  it('are all sent again when one of them was not accepted', async () => {
    const statuses = new MemoryStatuses();
    statuses.fault = 'lost-answer';
    const delivery = new StatusEventDelivery(statuses);
    const deliver = (): Promise<unknown> => delivery.deliver(entry, aNewActivity(), GOING_ON);

    await expect(deliver()).rejects.toThrow('no answer');
    expect(statuses.events).toHaveLength(1);
    expect(await deliver()).toEqual({ kind: 'delivered' });
    expect(statuses.events).toHaveLength(3);
  });

  it('continue where a delivery that took too long was ended', async () => {
    const published: string[] = [];
    const origin = aNewActivity();
    const late = new AbortController();
    const delivery = new StatusEventDelivery({
      available: true,
      publish: ({ event }) => {
        published.push(event.id);
        if (published.length === 1) late.abort(new Error('its time is over'));
        return Promise.resolve();
      },
    });

    await expect(delivery.deliver(entry, origin, late.signal)).rejects.toThrow('its time is over');
    expect(published).toEqual([`${origin.id}:12.0001`]);
    expect(await delivery.deliver(entry, origin, GOING_ON)).toEqual({ kind: 'delivered' });
    expect(published).toEqual([`${origin.id}:12.0001`, `${origin.id}:12.0002`]);
  });
});
