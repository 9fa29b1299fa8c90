import { type Problem } from '@app/errors';
import { type JsonValue } from '@app/json';
import { type EventSignal } from '../state/signal.js';

/** An event as the filter of a task sees it: what the run gets of it. */
export interface FilteredEvent {
  readonly attributes: {
    readonly topic: string;
    readonly status: 'succeeded' | 'failed';
    /** The correlation key; absent if the event has none. */
    readonly correlationid?: string;
  };
  /** Absent if the event brought nothing. */
  readonly data?: JsonValue;
}

/** The names of the attributes that a filter may name. */
export const FILTERED_ATTRIBUTES = ['topic', 'status', 'correlationid'] as const;

export type CompiledEventFilter =
  /** `matches` never throws and takes at most `EVENT_FILTER_STEPS_MAX` steps; what would take more does not match. */
  | { readonly kind: 'ok'; readonly matches: (event: FilteredEvent) => boolean }
  /** All problems, each with its path. */
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/**
 * The port for the language of filters. Its implementations pass `describeEventFilters`.
 * @param path where the filter is, for the paths of problems
 */
export type EventFilterCompiler = (filter: JsonValue, path: string) => CompiledEventFilter;

export function filteredEvent(signal: EventSignal): FilteredEvent {
  const { topic, outcome: status = 'succeeded', correlationKey, payload: data } = signal;
  return {
    attributes: {
      ...{ topic, status },
      ...(correlationKey !== undefined && { correlationid: correlationKey }),
    },
    ...(data !== undefined && { data }),
  };
}
