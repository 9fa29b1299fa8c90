import { compileFilter, type FilterLimits, FilterSubject } from '@app/filters';
import { EVENT_FILTER_STEPS_MAX, type EventFilterCompiler } from '@app/workflow-engine';

/** Filters of tasks that wait for events, in the language of triggers' filters and within its limits. */
export function eventFilters(limits: FilterLimits): EventFilterCompiler {
  const stepsMax = Math.min(limits.stepsMax, EVENT_FILTER_STEPS_MAX);
  const own = { ...limits, stepsMax };
  return (written, path) => {
    const compilation = compileFilter(written, path, own);
    if (compilation.kind === 'invalid') return compilation;
    const { filter } = compilation;
    return { kind: 'ok', matches: (event) => filter.matches(new FilterSubject(event)) };
  };
}
