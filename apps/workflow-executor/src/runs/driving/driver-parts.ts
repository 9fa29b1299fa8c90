import { type ActivityStore } from '@app/persistence';
import { type DeliveryService } from '../../outbox/delivery-service.js';
import { type AddEntries } from '../../outbox/status-entries.js';
import { type TaskHandlers } from './calls-in-flight.js';

export interface DriverSettings {
  /** How long a lease lasts without a renewal, in milliseconds. */
  readonly leaseMs: number;
  /** The pause before a write is tried again after MongoDB did not answer, in milliseconds. */
  readonly storeRetryMs: number;
  /**
   * How long a delivered worker task may stay in the outbox on record, in milliseconds. If the answer comes first, its
   * commit removes the entry as well, which saves a write. Absent for 0.
   */
  readonly lingerMs?: number;
  /**
   * The most bytes of the runs that this executor has handed over and keeps in memory, as they are stored. A run that is
   * not kept is read when its answer comes. Absent for 0.
   */
  readonly keptBytesMax?: number;
}

export interface DriverParts {
  readonly store: ActivityStore;
  readonly handlers: TaskHandlers;
  readonly clock: () => number;
  readonly settings: DriverSettings;
  /** Without it no outbox entry is delivered: all stay on record. */
  readonly deliveries?: DeliveryService;
  /** Adds status events, webhooks and callbacks to the outbox of a step. */
  readonly addEntries?: AddEntries;
}

/**
 * How a driver ended. `final`: the run has ended. `waiting`: the record has a wake-up. `left`: another executor has the
 * activity or has ended it, or its event was replaced. `stopped`: this executor may still have the lease, without a
 * driver.
 */
export type DriveEnd = 'final' | 'waiting' | 'left' | 'stopped';
