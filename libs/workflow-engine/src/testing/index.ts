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
export { randomDefinition } from './random-definition.js';
export { TEST_TASKS } from './waiting-tasks.js';
export { SeededRandom } from './seeded-random.js';
