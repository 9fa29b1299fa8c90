export { type JsonPath, parseJsonPath } from './json-path.js';
export { isSameWithin, textSteps } from './same-by-doubles.js';
export { StepBudget } from './step-budget.js';
export { Walk } from './walk.js';
