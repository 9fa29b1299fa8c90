import { type ActivityStore } from '@app/persistence';
import { type DeliveryService } from '../../outbox/delivery-service.js';
import { type Tell } from '../../outbox/tell-status.js';
import { type TaskHandlers } from './calls-in-flight.js';

export interface DriverSettings {
  /** How long the record belongs to a driver without a sign of life from it, in milliseconds. */
  readonly leaseMs: number;
  /** The pause before another attempt to write when MongoDB did not answer, in milliseconds. */
  readonly storeRetryMs: number;
  /**
   * How long what was given to a worker may stay in the outbox on record, in milliseconds: the write that takes it
   * off is saved if the answer comes first. Absent for not at all.
   */
  readonly lingerMs?: number;
}

export interface DriverParts {
  readonly store: ActivityStore;
  readonly handlers: TaskHandlers;
  readonly clock: () => number;
  readonly settings: DriverSettings;
  /** Without it whatever is to be told waits on record. */
  readonly deliveries?: DeliveryService;
  /** What a step that is about to be written has to tell besides. */
  readonly tell?: Tell;
}

/**
 * `final`; `waiting`: the record has a wake-up; `left`: others have it, or have ended it;
 * `stopped`: this executor may still have the lease, and nobody uses it.
 */
export type DriveEnd = 'final' | 'waiting' | 'left' | 'stopped';
