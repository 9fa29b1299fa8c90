export { anyText } from './any-text.js';
export { errorOf } from './error-of.js';
export { until } from './until.js';
