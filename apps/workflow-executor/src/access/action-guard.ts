import { type Action, may, PermissionDeniedError, type Principal } from '@app/auth';
import { type ActivityStore, type WorkflowCache } from '@app/persistence';
import { type ActionTarget } from './permission.js';

/** The one place that decides whether a principal may do what a route of the API does. */
export class ActionGuard {
  constructor(
    private readonly workflows: Pick<WorkflowCache, 'find'>,
    private readonly activities: Pick<ActivityStore, 'get'>,
  ) {}

  /**
   * A principal who may do it in every workflow is let through without a look at the scope. To others a workflow
   * outside their scope and one that does not exist are the same.
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
    const workflow = await this.#workflowOf(target, id);
    if (!workflow || !may(principal, action, workflow)) throw new PermissionDeniedError(action);
  }

  async #workflowOf(target: ActionTarget, id: string | undefined) {
    if (target === 'installation' || id === undefined) return undefined;
    if (target === 'workflow') return this.workflows.find(id);
    const activity = await this.activities.get(id);
    return activity && this.workflows.find(activity.workflowId);
  }
}
