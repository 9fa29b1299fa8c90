import { type Activity } from '@app/persistence';
import { aNewActivity, MemoryActivityStore, NOW } from '@app/persistence/testing';
import { anHttpTask, aPlan, aScope, aTask } from '@app/workflow-engine/testing';
import { HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { ActivityDriver } from '../driving/activity-driver.js';
import { type Run } from '../driving/run.js';
import { RunMemory } from '../memory/run-memory.js';
import { LEASE_MS, runParts } from './run-parts.js';

/** A workflow that calls nothing. */
export const PURE = aPlan([
  aTask('note', 'set-property', ['start'], { output: 'said', value: 'hello' }),
]);

/** One activity on record, and drivers of it whose calls and clock a test has in its hands. */
export class DriverFixture {
  readonly origin = aNewActivity();
  store = new MemoryActivityStore();
  readonly tasks = new HandDrivenTasks();
  now = NOW;

  static async make(): Promise<DriverFixture> {
    const fixture = new DriverFixture();
    await fixture.store.record(fixture.origin);
    return fixture;
  }

  driver(run: Partial<Run> = {}, owner = 'driver-1'): ActivityDriver {
    const whole: Run = {
      activityId: this.origin.id,
      plan: aPlan([anHttpTask('call')]),
      scope: aScope(),
      trace: { traceId: 'a'.repeat(32), parentId: 'b'.repeat(16), sampled: true },
      origin: this.origin,
      ...run,
    };
    const parts = runParts(this.store, this.tasks, () => this.now);
    return new ActivityDriver(whole, owner, parts, RunMemory.unbounded().force(0));
  }

  /** What a sweeper of this executor takes over. */
  async claimDue(owner: string): Promise<Activity> {
    const { now, store } = this;
    const [found] = await store.claimDue({ now, limit: 1, leaseMs: LEASE_MS, owner });
    if (!found) throw new Error('it is due');
    return found;
  }

  async onRecord(): Promise<Activity> {
    const activity = await this.store.get(this.origin.id);
    if (!activity) throw new Error('it is on record');
    return activity;
  }
}
