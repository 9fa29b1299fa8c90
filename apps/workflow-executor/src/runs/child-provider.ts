import { WorkflowAccess } from '@app/auth';
import { CompiledFilters, filterLimits } from '@app/filters';
import {
  ActivityStore,
  MongoLink,
  RunQuotas,
  WorkflowCache,
  WorkflowStore,
} from '@app/persistence';
import { type Provider } from '@nestjs/common';
import { CalledWorkflows } from '../children/called-workflows.js';
import { ChildCreator } from '../children/child-creator.js';
import { ChildService, READS_AT_ONCE_MAX } from '../children/child-service.js';
import { EventRoots } from '../tasks/event/event-roots.js';
import { WorkflowExecutorConfig } from '../workflow-executor.config.js';
import { Semaphore } from './driving/semaphore.js';
import { taskParams } from './starting/event-params.js';

export function childProvider(): Provider {
  return {
    provide: ChildService,
    inject: [
      WorkflowExecutorConfig,
      ActivityStore,
      WorkflowCache,
      WorkflowStore,
      WorkflowAccess,
      MongoLink,
      RunQuotas,
      EventRoots,
    ],
    useFactory: (
      config: WorkflowExecutorConfig,
      activities: ActivityStore,
      workflows: WorkflowCache,
      names: WorkflowStore,
      access: WorkflowAccess,
      { clock }: MongoLink,
      quotas: RunQuotas,
      roots: EventRoots,
    ) => {
      const called = new CalledWorkflows(workflows, names);
      const creator = new ChildCreator({
        ...{ activities, called, workflows, access, quotas, roots },
        paramsOf: taskParams,
        filters: new CompiledFilters(filterLimits(config)),
        clock: clock.now,
        generationsMax: config.CHILD_GENERATIONS_MAX,
        descendantsMax: config.CHILD_DESCENDANTS_MAX,
      });
      return new ChildService(activities, creator, new Semaphore(READS_AT_ONCE_MAX), clock.now);
    },
  };
}
