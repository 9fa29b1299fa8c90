import { Episode, type Log } from '@app/observability';
import { ActivityStore, LockStore, MongoLink, SlotStore } from '@app/persistence';
import { type Provider } from '@nestjs/common';
import { LockService } from './lock-service.js';
import { WorkflowExecutorConfig } from '../workflow-executor.config.js';
import { SlotService } from './slot-service.js';

/** Provides locks for tasks and slots for runs. */
export function lockProviders(log: Log): readonly Provider[] {
  const unchecked = new Episode(log, {
    began: "Locks and slots can't be checked; the next pass tries again",
    ended: 'Locks and slots could not be checked',
  });
  const onTrouble = (err: unknown): void => {
    unchecked.occurred(() => ({ err }));
  };
  return [
    {
      provide: LockService,
      inject: [LockStore, ActivityStore, MongoLink],
      useFactory: (locks: LockStore, activities: ActivityStore, { clock }: MongoLink) =>
        new LockService(locks, activities, clock.now, onTrouble),
    },
    {
      provide: SlotService,
      inject: [SlotStore, ActivityStore, MongoLink, WorkflowExecutorConfig],
      useFactory: (
        slots: SlotStore,
        activities: ActivityStore,
        { clock }: MongoLink,
        { CONCURRENCY_QUEUE_MAX }: WorkflowExecutorConfig,
      ) => new SlotService(slots, activities, clock.now, onTrouble, CONCURRENCY_QUEUE_MAX),
    },
  ];
}
