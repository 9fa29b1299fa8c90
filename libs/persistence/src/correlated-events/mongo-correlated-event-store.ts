import { randomUUID } from 'node:crypto';
import { parseJson, toJsonText } from '@app/json';
import { type EventAttributes } from '@app/workflow-engine';
import { type mongo } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { isDuplicateKeyError } from '../storage/write-command.js';
import {
  bytesOf,
  contentOf,
  type CorrelatedEvent,
  type StoredCorrelatedEvent,
  waitKeyOfEvent,
} from './correlated-event.js';
import { CORRELATED_EVENTS, type CorrelatedEventDocument } from './correlated-event.schema.js';
import { CorrelatedEventStore, type ResumedDelivery } from './correlated-event-store.js';

const KEPT = { open: true, activities: { $exists: false } } as const;
const GIVEN = { open: true, activities: { $exists: true } } as const;

type Filter = mongo.Filter<CorrelatedEventDocument>;

/** Each change of an event is one write whose filter is its condition. */
export class MongoCorrelatedEventStore extends CorrelatedEventStore {
  constructor(private readonly link: MongoLink) {
    super();
  }

  override async add(
    event: CorrelatedEvent,
    expiresAt: number,
  ): Promise<StoredCorrelatedEvent | 'added'> {
    const isAdded = await this.link.run('keep an event', async (db) => {
      try {
        await collectionIn(db).insertOne(toDocument(event, expiresAt));
        return true;
      } catch (error) {
        if (isDuplicateKeyError(error)) return false;
        throw error;
      }
    });
    if (isAdded) return 'added';
    // The stored event may have expired since the insert: then this one is added.
    return (await this.get(event.id)) ?? this.add(event, expiresAt);
  }

  override async get(id: string): Promise<StoredCorrelatedEvent | undefined> {
    const found = await this.link.run('get an event', (db) =>
      collectionIn(db).findOne({ _id: id }),
    );
    return found ? toDomain(found) : undefined;
  }

  override async pending(
    workflowId: string,
    waitKey: string,
    limit: number,
  ): Promise<readonly StoredCorrelatedEvent[]> {
    const found = await this.link.run('look for events that came before', (db) =>
      collectionIn(db)
        .find({ workflowId, wait: waitKey, open: true })
        .sort({ at: 1, _id: 1 })
        .limit(limit)
        .toArray(),
    );
    return found.map(toDomain);
  }

  override claim(id: string, activities: readonly string[]): Promise<boolean> {
    return this.#change('give an event', { _id: id, ...KEPT }, { $set: { activities } });
  }

  override async resume(id: string): Promise<ResumedDelivery | undefined> {
    const token = randomUUID();
    const found = await this.link.run('go on with an event', (db) =>
      collectionIn(db).findOneAndUpdate(
        { _id: id, ...GIVEN },
        { $set: { resumed: token } },
        { projection: { activities: 1 } },
      ),
    );
    return found?.activities && { activities: found.activities, token };
  }

  override release(id: string, token?: string): Promise<boolean> {
    const filter = { _id: id, ...GIVEN, resumed: token ?? { $exists: false } };
    return this.#change('keep an event again', filter, {
      $unset: { activities: true, resumed: true },
    });
  }

  override async finish(
    id: string,
    activities: readonly string[],
    expiresAt: number | undefined,
  ): Promise<void> {
    const filter = { _id: id, ...GIVEN };
    if (expiresAt === undefined) {
      await this.link.run('be done with an event', (db) => collectionIn(db).deleteOne(filter));
      return;
    }
    await this.#change('be done with an event', filter, {
      $set: { activities, expiresAt: new Date(expiresAt) },
      $unset: { payload: true, attributes: true, open: true, resumed: true },
    });
  }

  override async withdraw(id: string): Promise<boolean> {
    const { deletedCount } = await this.link.run('take back an event', (db) =>
      collectionIn(db).deleteOne({ _id: id, ...KEPT }),
    );
    return deletedCount === 1;
  }

  override async held(
    workflowId: string,
    countMax: number,
  ): Promise<{ readonly count: number; readonly bytes: number }> {
    const [found] = await this.link.run('count events that are kept', (db) =>
      collectionIn(db)
        .aggregate<{ readonly count: number; readonly bytes: number }>([
          { $match: { workflowId, open: true } },
          { $project: { _id: 0, bytes: 1 } },
          { $limit: countMax },
          { $group: { _id: null, count: { $sum: 1 }, bytes: { $sum: '$bytes' } } },
        ])
        .toArray(),
    );
    return { count: found?.count ?? 0, bytes: found?.bytes ?? 0 };
  }

  async #change(
    operation: string,
    filter: Filter,
    update: mongo.UpdateFilter<CorrelatedEventDocument>,
  ): Promise<boolean> {
    const { matchedCount } = await this.link.run(operation, (db) =>
      collectionIn(db).updateOne(filter, update),
    );
    return matchedCount === 1;
  }
}

function collectionIn(db: mongo.Db): mongo.Collection<CorrelatedEventDocument> {
  return db.collection<CorrelatedEventDocument>(CORRELATED_EVENTS);
}

function toDocument(event: CorrelatedEvent, expiresAt: number): CorrelatedEventDocument {
  const { id, payload, attributes, at, ...facts } = event;
  return {
    _id: id,
    ...facts,
    wait: waitKeyOfEvent(event),
    ...(payload !== undefined && { payload: toJsonText(payload) }),
    ...(attributes && { attributes: toJsonText(attributes) }),
    content: contentOf(event),
    bytes: bytesOf(event),
    at: new Date(at),
    open: true,
    expiresAt: new Date(expiresAt),
  };
}

function toDomain(document: CorrelatedEventDocument): StoredCorrelatedEvent {
  const { _id, isNamed, workflowId, topic, correlationKey, outcome, payload, at } = document;
  const { attributes, open, activities, content } = document;
  const facts = { id: _id, isNamed, workflowId, topic, correlationKey, outcome };
  const before = activities === undefined ? 'kept' : 'given';
  return {
    ...facts,
    ...(payload !== undefined && { payload: parseJson(payload) }),
    ...(attributes !== undefined && { attributes: parseJson(attributes) as EventAttributes }),
    at: at.getTime(),
    status: open === true ? before : 'done',
    activities: activities ?? [],
    content,
  };
}
