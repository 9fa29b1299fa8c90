export { type ClauseReport } from './clause.js';
export { compileFilter } from './compile-filter.js';
export { EventFilter, type Explanation } from './event-filter.js';
export { FilterSubject } from './filter-subject.js';
