import { isJsonContainer, type JsonValue, toJsonText } from '@app/json';
import { compileFilter } from './compile-filter.js';
import { type EventFilter } from './event-filter.js';
import { FilterUnreadableError } from './errors.js';
import { DEFAULT_FILTER_LIMITS, type FilterLimits, savedFilterLimits } from './filter-limits.js';

/** Compiled filters that are kept; beyond that, filters are compiled each time. */
const COMPILED_MAX = 20_000;

/** Stored filters, each compiled once, however often its workflow is read again. */
export class CompiledFilters {
  /** By the object that was read, so its text need not be written as a key. */
  readonly #byValue = new WeakMap<object, EventFilter>();
  readonly #byText = new Map<string, EventFilter>();
  readonly #limits: FilterLimits;

  /** @param limits what a filter may cost for an event */
  constructor(limits: FilterLimits = DEFAULT_FILTER_LIMITS) {
    this.#limits = savedFilterLimits(limits);
  }

  /** @throws FilterUnreadableError for a filter that a build of another release has saved */
  of(filter: JsonValue): EventFilter {
    const known = isJsonContainer(filter) ? this.#byValue.get(filter) : undefined;
    if (known) return known;
    const text = toJsonText(filter);
    const compiled = this.#byText.get(text) ?? this.#compile(filter, text);
    if (isJsonContainer(filter)) this.#byValue.set(filter, compiled);
    return compiled;
  }

  #compile(filter: JsonValue, text: string): EventFilter {
    const compilation = compileFilter(filter, 'filter', this.#limits);
    if (compilation.kind === 'invalid') throw new FilterUnreadableError(compilation.problems);
    if (this.#byText.size >= COMPILED_MAX) this.#byText.clear();
    this.#byText.set(text, compilation.filter);
    return compilation.filter;
  }
}
