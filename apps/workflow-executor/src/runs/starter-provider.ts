import { filterLimits, savedFilterLimits } from '@app/filters';
import { ActivityStore, MongoLink, ScopeCache, WorkflowCache } from '@app/persistence';
import { BUILD_FEATURES, MINUTE_MS } from '@app/workflow-engine';
import { type Provider } from '@nestjs/common';
import { taskTypesWithin } from '../tasks/task-handler.js';
import { EventRoots } from '../tasks/event/event-roots.js';
import { WorkflowExecutorConfig } from '../workflow-executor.config.js';
import { ActiveRuns } from './driving/active-runs.js';
import { RunBreaker } from './run-end.js';
import { Plans } from './starting/plans.js';
import { RunScopes } from './starting/run-scopes.js';
import { RunStarter } from './starting/run-starter.js';

/** Compiled revisions that are kept. */
const PLANS_MAX = 1_000;

export function starterProvider(): Provider {
  return {
    provide: RunStarter,
    inject: [
      WorkflowExecutorConfig,
      WorkflowCache,
      ActiveRuns,
      ActivityStore,
      MongoLink,
      RunBreaker,
      ScopeCache,
      EventRoots,
    ],
    useFactory: (
      config: WorkflowExecutorConfig,
      workflows: WorkflowCache,
      runs: ActiveRuns,
      store: ActivityStore,
      link: MongoLink,
      breaker: RunBreaker,
      scopes: ScopeCache,
      roots: EventRoots,
    ) => {
      const { RUN_DURATION_MINUTES_MAX: minutes } = config;
      const durationMsMax = minutes === 0 ? Infinity : minutes * MINUTE_MS;
      const types = taskTypesWithin(savedFilterLimits(filterLimits(config)));
      const plans = new Plans(workflows, PLANS_MAX, types, BUILD_FEATURES, durationMsMax);
      return new RunStarter(
        plans,
        runs,
        store,
        link.clock.now,
        breaker,
        new RunScopes(scopes, roots),
      );
    },
  };
}
