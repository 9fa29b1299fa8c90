import { type Action, grants, may, PermissionDeniedError, type Principal } from '@app/auth';
import { type ActivityStore, type WorkflowCache } from '@app/persistence';
import { type ActionTarget } from './permission.js';

/** Decides whether a principal may do what a route of the API does. No other code decides this. */
export class ActionGuard {
  constructor(
    private readonly workflows: Pick<WorkflowCache, 'recent'>,
    private readonly activities: Pick<ActivityStore, 'workflowOf'>,
  ) {}

  /**
   * Allows or denies a principal by its role, and by its scope if it has one. A principal without a scope needs no read
   * of the store, nor does one whose role does not grant the action. For others the labels of the workflow are at most
   * a second old. While the store is unavailable they are denied, because labels may have changed. A workflow outside
   * their scope and a missing one give the same answer, after the same time.
   * @param id the route's parameter `id`, if it has one
   * @throws PermissionDeniedError
   * @throws StoreUnavailableError when the scope can't be read
   */
  async require(
    principal: Principal,
    action: Action,
    target: ActionTarget,
    id: string | undefined,
  ): Promise<void> {
    if (may(principal, action)) return;
    if (!grants(principal, action)) throw new PermissionDeniedError(action);
    const workflow = await this.#workflowOf(target, id);
    if (!workflow || !may(principal, action, workflow)) throw new PermissionDeniedError(action);
  }

  async #workflowOf(target: ActionTarget, id: string | undefined) {
    if (target === 'installation' || id === undefined) return undefined;
    if (target === 'workflow') return this.workflows.recent(id);
    const workflowId = await this.activities.workflowOf(id);
    return workflowId === undefined ? undefined : this.workflows.recent(workflowId);
  }
}
