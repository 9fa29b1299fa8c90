import { PermissionDeniedError, type Principal } from '@app/auth';
import {
  type Activity,
  type ActivityStore,
  type LockHolder,
  type LockStore,
} from '@app/persistence';
import { type ActionGuard } from '../../access/action-guard.js';
import { isoTime } from '../iso-time.js';
import { type ActivityView } from './activity-view.js';
import { type LockHolderView, type WaitView } from './waits-view.js';

/**
 * Names who holds the locks that a run waits for. Locks are shared by all workflows, so a holder is shown only to
 * whom may read its activity.
 */
export class LockHolders {
  constructor(
    private readonly locks: Pick<LockStore, 'holderOf'>,
    private readonly activities: Pick<ActivityStore, 'workflowOf'>,
    private readonly guard: Pick<ActionGuard, 'require'>,
  ) {}

  /** Adds the holders to the waits for locks in the view. */
  async addTo(
    view: ActivityView,
    activity: Activity,
    reader: Principal | undefined,
  ): Promise<ActivityView> {
    const { waitingFor } = view;
    if (reader === undefined || !waitingFor?.some(({ kind }) => kind === 'lock')) return view;
    const waits = waitingFor.map(async (wait) => {
      const holder = await this.#holderFor(wait, activity, reader);
      return holder === undefined ? wait : { ...wait, heldBy: await this.#viewOf(holder) };
    });
    return { ...view, waitingFor: await Promise.all(waits) };
  }

  async #holderFor(
    { task: name = '' }: WaitView,
    { id, state }: Activity,
    reader: Principal,
  ): Promise<LockHolder | undefined> {
    const task = state?.tasks[name];
    if (task?.status !== 'waiting' || task.on.kind !== 'lock') return undefined;
    const holder = await this.locks.holderOf(task.on.lock);
    // Granted to the task itself, which has not taken the signal yet.
    const isItself = holder?.activity === id && holder.task === name;
    if (holder === undefined || isItself) return undefined;
    return (await this.#mayRead(reader, holder.activity)) ? holder : undefined;
  }

  async #mayRead(reader: Principal, activity: string): Promise<boolean> {
    try {
      await this.guard.require(reader, 'activity:read', 'activity', activity);
      return true;
    } catch (error) {
      if (error instanceof PermissionDeniedError) return false;
      throw error;
    }
  }

  async #viewOf({ activity, task, grantedAt }: LockHolder): Promise<LockHolderView> {
    const workflowId = await this.activities.workflowOf(activity);
    return { activityId: activity, workflowId, task, since: isoTime(grantedAt) };
  }
}
