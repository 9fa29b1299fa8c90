import { type ActivityStore } from '@app/persistence';
import { NOW } from '@app/persistence/testing';
import { type HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { type DriverParts } from '../driving/driver-parts.js';

export const LEASE_MS = 30_000;

/** What drivers are made of, with every task in the hands of the test. */
export function runParts(
  store: ActivityStore,
  tasks: HandDrivenTasks,
  clock: () => number = () => NOW,
): DriverParts {
  const handlers = { http: tasks, script: tasks, event: tasks };
  return { store, handlers, clock, settings: { leaseMs: LEASE_MS, storeRetryMs: 1 } };
}
