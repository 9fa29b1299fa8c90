import { type ActivityStore } from '@app/persistence';
import { type DeliveryService } from '../../outbox/delivery-service.js';
import { type AddEntries } from '../../outbox/tell-status.js';
import { type TaskHandlers } from './calls-in-flight.js';

export interface DriverSettings {
  /** How long a lease lasts without a renewal, in milliseconds. */
  readonly leaseMs: number;
  /** The pause before a write is tried again after MongoDB did not answer, in milliseconds. */
  readonly storeRetryMs: number;
  /**
   * How long the task that was given to a worker may stay in the outbox on record, in milliseconds. The write that
   * removes it is saved if the answer comes first. Absent for not at all.
   */
  readonly lingerMs?: number;
}

export interface DriverParts {
  readonly store: ActivityStore;
  readonly handlers: TaskHandlers;
  readonly clock: () => number;
  readonly settings: DriverSettings;
  /** Without it all entries stay on record. */
  readonly deliveries?: DeliveryService;
  /** The entries that a step adds besides those of its tasks. */
  readonly tell?: AddEntries;
}

/**
 * `final`; `waiting`: the record has a wake-up; `left`: another executor has it, or has ended it; `stopped`: this
 * executor may still have the lease, without a driver.
 */
export type DriveEnd = 'final' | 'waiting' | 'left' | 'stopped';
