export { livingEdges, naiveOutcomes } from './naive-rules.js';
export {
  aDefinition,
  anHttpTask,
  aPlan,
  aRun,
  aScope,
  aTask,
  aTaskContext,
  cancelled,
  failed,
  NOW,
  succeeded,
  type Upstream,
} from './builders.js';
export { fakePatterns } from './fake-patterns.js';
export { randomDefinition } from './random-definition.js';
export { TEST_TASKS } from './waiting-tasks.js';
export { SeededRandom } from './seeded-random.js';
export { simulate, type Simulation } from './simulate.js';
