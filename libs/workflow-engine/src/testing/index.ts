export {
  aDefinition,
  anHttpTask,
  aPlan,
  aRun,
  aScope,
  aTask,
  cancelled,
  failed,
  NOW,
  succeeded,
  type TaskExtras,
  type Upstream,
} from './builders.js';
export { fakePatterns } from './fake-patterns.js';
export { randomDefinition } from './random-definition.js';
export { SeededRandom } from './seeded-random.js';
export { simulate, type Misfortunes, type Simulation } from './simulate.js';
