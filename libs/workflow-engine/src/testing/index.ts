export {
  aDefinition,
  anHttpTask,
  aPlan,
  aRun,
  aScope,
  aTask,
  failed,
  NOW,
  succeeded,
} from './builders.js';
export { describeEventFilters } from './event-filters.contract.js';
export { randomDefinition } from './random-definition.js';
export { TEST_TASKS } from './waiting-tasks.js';
export { SeededRandom } from './seeded-random.js';
