import { isJsonContainer, type JsonValue, toJsonText } from '@app/json';
import { compileFilter } from './compile-filter.js';
import { type EventFilter } from './event-filter.js';
import { FilterUnreadableError } from './errors.js';

/** Filters that are kept compiled; when there are more, all are compiled anew as they are asked for. */
const COMPILED_MAX = 20_000;

/** Filters as they are stored, each compiled once, however often the workflow that has it is read again. */
export class CompiledFilters {
  /** By the value as it was read, so that its text need not be written each time. */
  readonly #byValue = new WeakMap<object, EventFilter>();
  readonly #byText = new Map<string, EventFilter>();

  /** @throws FilterUnreadableError for what a build of another release has saved */
  of(filter: JsonValue): EventFilter {
    const known = isJsonContainer(filter) ? this.#byValue.get(filter) : undefined;
    if (known) return known;
    const text = toJsonText(filter);
    const compiled = this.#byText.get(text) ?? this.#compile(filter, text);
    if (isJsonContainer(filter)) this.#byValue.set(filter, compiled);
    return compiled;
  }

  #compile(filter: JsonValue, text: string): EventFilter {
    const compilation = compileFilter(filter, 'filter');
    if (compilation.kind === 'invalid') throw new FilterUnreadableError(compilation.problems);
    if (this.#byText.size >= COMPILED_MAX) this.#byText.clear();
    this.#byText.set(text, compilation.filter);
    return compilation.filter;
  }
}
