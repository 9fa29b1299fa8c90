export { errorOf } from './error-of.js';
export { until } from './until.js';
