import { WorkflowAccess } from '@app/auth';
import { CompiledFilters, filterLimits } from '@app/filters';
import { ActivityStore, MongoLink, WorkflowCache, WorkflowStore } from '@app/persistence';
import { type Provider } from '@nestjs/common';
import { ChildMaker } from '../children/child-maker.js';
import { ChildService } from '../children/child-service.js';
import { WorkflowExecutorConfig } from '../workflow-executor.config.js';
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
    ],
    useFactory: (
      config: WorkflowExecutorConfig,
      activities: ActivityStore,
      workflows: WorkflowCache,
      names: WorkflowStore,
      access: WorkflowAccess,
      { clock }: MongoLink,
    ) => {
      const found = { activities, workflows, names, access };
      const maker = new ChildMaker({
        ...found,
        paramsOf: taskParams,
        filters: new CompiledFilters(filterLimits(config)),
        clock: clock.now,
        generationsMax: config.CHILD_GENERATIONS_MAX,
        descendantsMax: config.CHILD_DESCENDANTS_MAX,
      });
      return new ChildService(activities, maker, clock.now);
    },
  };
}
