import { type Action, grants, may, PermissionDeniedError, type Principal } from '@app/auth';
import { type ActivityStore, type WorkflowCache } from '@app/persistence';
import { type ActionTarget } from './permission.js';

/** The one place that decides whether a principal may do what a route of the API does. */
export class ActionGuard {
  constructor(
    private readonly workflows: Pick<WorkflowCache, 'recent'>,
    private readonly activities: Pick<ActivityStore, 'workflowOf'>,
  ) {}

  /**
   * A principal who may do it in every workflow is let through, and one whose role does not grant it is denied, without
   * a look into the store. For others the workflow's labels are those of the last second, never older: while the store
   * can't be asked, nobody is let in by labels that may have changed. To them a workflow outside their scope and one
   * that does not exist are the same, by the answer and by its time.
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
