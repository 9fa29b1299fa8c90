import { type Problem } from '@app/errors';
import { type JsonValue } from '@app/json';
import { type EventAttributes, type EventSignal } from '../state/signal.js';

/** An event as the filter of a task sees it. */
export interface FilteredEvent {
  /**
   * The context attributes of a CloudEvent. `topic`, `status` (`succeeded` or `failed`) and, if there is a correlation
   * key, `correlationid` are what the run goes by, whatever the event has under these names.
   */
  readonly attributes: EventAttributes & {
    readonly topic: string;
    readonly status: 'succeeded' | 'failed';
  };
  /** Absent if the event brought nothing. */
  readonly data?: JsonValue;
}

export type CompiledEventFilter =
  /** `matches` never throws; an event for which the filter would take more steps than it may does not match. */
  | { readonly kind: 'ok'; readonly matches: (event: FilteredEvent) => boolean }
  /** All problems, each with its path. */
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/**
 * The port for the language of filters. Its implementations pass `describeEventFilters`.
 * @param path where the filter is, for the paths of problems
 * @param stepsMax the steps that it may take for one event, `EVENT_FILTER_STEPS_MAX` by default
 */
export type EventFilterCompiler = (
  filter: JsonValue,
  path: string,
  stepsMax?: number,
) => CompiledEventFilter;

export function filteredEvent(signal: EventSignal): FilteredEvent {
  const { topic, outcome: status = 'succeeded', correlationKey, payload: data } = signal;
  return {
    attributes: {
      ...signal.attributes,
      ...{ topic, status },
      ...(correlationKey !== undefined && { correlationid: correlationKey }),
    },
    ...(data !== undefined && { data }),
  };
}
