import { DispatchFailedError, DispatchTooLargeError, type StatusPublisher } from '@app/messaging';
import { StatusEventDelivery } from './status-event-delivery.js';
import { type DeliveryRig, describeOutboxDelivery } from './testing/outbox-delivery.contract.js';

type Publishing = Parameters<StatusPublisher['publish']>[0];

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
