import { toJsonText } from '@app/json';
import {
  contentOf,
  type CorrelatedEvent,
  type StoredCorrelatedEvent,
} from '../../correlated-events/correlated-event.js';
import {
  CorrelatedEventStore,
  type ResumedDelivery,
} from '../../correlated-events/correlated-event-store.js';
import { waitKeyOf } from '../../correlated-events/wait-key.js';
import { Outage } from './outage.js';

interface Row {
  readonly event: StoredCorrelatedEvent;
  /** Of the last process that resumed its delivery. */
  readonly token?: string;
}

/** The contract of `CorrelatedEventStore` in memory. Nothing expires. */
export class MemoryCorrelatedEventStore extends CorrelatedEventStore {
  readonly outage = new Outage();
  readonly #rows = new Map<string, Row>();
  #tokens = 0;

  override async add(event: CorrelatedEvent): Promise<StoredCorrelatedEvent | 'added'> {
    this.outage.check('keep an event');
    const found = this.#rows.get(event.id);
    if (found) return found.event;
    const stored = { ...event, status: 'kept', activities: [], content: contentOf(event) } as const;
    this.#rows.set(event.id, { event: stored });
    return 'added';
  }

  override async get(id: string): Promise<StoredCorrelatedEvent | undefined> {
    this.outage.check('get an event');
    return this.#rows.get(id)?.event;
  }

  override async pending(
    workflowId: string,
    waitKey: string,
    limit: number,
  ): Promise<readonly StoredCorrelatedEvent[]> {
    this.outage.check('look for events that came before');
    return this.#open(workflowId)
      .filter(({ topic, correlationKey }) => waitKeyOf(topic, correlationKey) === waitKey)
      .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  }

  override async claim(id: string, activities: readonly string[]): Promise<boolean> {
    this.outage.check('give an event');
    const row = this.#rows.get(id);
    if (row?.event.status !== 'kept') return false;
    this.#rows.set(id, { event: { ...row.event, status: 'given', activities } });
    return true;
  }

  override async resume(id: string): Promise<ResumedDelivery | undefined> {
    this.outage.check('go on with an event');
    const row = this.#rows.get(id);
    if (row?.event.status !== 'given') return undefined;
    this.#tokens += 1;
    const token = `token-${this.#tokens}`;
    this.#rows.set(id, { event: row.event, token });
    return { activities: row.event.activities, token };
  }

  override async release(id: string, token?: string): Promise<boolean> {
    this.outage.check('keep an event again');
    const row = this.#rows.get(id);
    if (row?.event.status !== 'given' || row.token !== token) return false;
    this.#rows.set(id, { event: { ...row.event, status: 'kept', activities: [] } });
    return true;
  }

  override async finish(
    id: string,
    activities: readonly string[],
    expiresAt: number | undefined,
  ): Promise<void> {
    this.outage.check('be done with an event');
    const row = this.#rows.get(id);
    if (row?.event.status !== 'given') return;
    if (expiresAt === undefined) this.#rows.delete(id);
    else {
      const { payload: _, attributes: __, ...event } = row.event;
      this.#rows.set(id, { event: { ...event, status: 'done', activities } });
    }
  }

  override async withdraw(id: string): Promise<boolean> {
    this.outage.check('take back an event');
    return this.#rows.get(id)?.event.status === 'kept' && this.#rows.delete(id);
  }

  override async held(
    workflowId: string,
    countMax: number,
  ): Promise<{ readonly count: number; readonly bytes: number }> {
    this.outage.check('count events that are kept');
    const counted = this.#open(workflowId).slice(0, countMax);
    return {
      count: counted.length,
      bytes: counted.reduce((sum, event) => sum + bytesOf(event), 0),
    };
  }

  #open(workflowId: string): readonly StoredCorrelatedEvent[] {
    return [...this.#rows.values()]
      .map(({ event }) => event)
      .filter((event) => event.workflowId === workflowId && event.status !== 'done');
  }
}

function bytesOf({
  topic,
  correlationKey,
  payload = null,
  attributes = {},
}: CorrelatedEvent): number {
  return toJsonText([topic, correlationKey, payload, attributes]).length + 300;
}
