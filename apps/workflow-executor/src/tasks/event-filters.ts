import { compileFilter, type FilterLimits, FilterSubject } from '@app/filters';
import { EVENT_FILTER_STEPS_MAX, type EventFilterCompiler } from '@app/workflow-engine';

/** Filters of tasks that wait for events, in the language of triggers' filters and within its limits. */
export function eventFilters(limits: FilterLimits): EventFilterCompiler {
  return (written, path, ofTask = EVENT_FILTER_STEPS_MAX) => {
    const stepsMax = Math.min(limits.stepsMax, ofTask);
    const compilation = compileFilter(written, path, { ...limits, stepsMax });
    if (compilation.kind === 'invalid') return compilation;
    const { filter } = compilation;
    return { kind: 'ok', matches: (event) => filter.matches(new FilterSubject(event)) };
  };
}
