export { type ClauseReport } from './clause.js';
export { compileFilter } from './compile-filter.js';
export {
  DEFAULT_FILTER_LIMITS,
  filterLimits,
  type FilterLimits,
  savedFilterLimits,
} from './filter-limits.js';
export { FilterSubject } from './filter-subject.js';
export { CompiledFilters } from './compiled-filters.js';
export { EventFilter, type Explanation } from './event-filter.js';
