import { type CloudEvent, contextAttributes } from '@app/events';
import { type JsonValue } from '@app/json';
import { type CesqlValue } from '@app/cesql';
import { StepBudget } from '@app/json-path';
import { type Check } from './check.js';

/** What filters see of something that is no CloudEvent, or no more one. */
export interface Filterable {
  readonly attributes: Readonly<Record<string, CesqlValue>>;
  readonly data?: JsonValue;
}

/**
 * An event as filters see it, each part of it computed when the first clause needs it. It counts the steps that they
 * spend, so a caller that evaluates several filters for an event, or one twice, must pass the same subject to all.
 */
export class FilterSubject {
  #attributes: Readonly<Record<string, CesqlValue>> | undefined;
  #document: JsonValue | undefined;
  #checks: Map<object, Check> | undefined;

  /** The steps that are left for this event. */
  readonly steps = new StepBudget();

  constructor(private readonly event: CloudEvent | Filterable) {}

  /** Of any type; CloudEvents has no types that CESQL lacks (a timestamp is a text). */
  readonly attribute = (name: string): CesqlValue | undefined => {
    this.#attributes ??= attributesOf(this.event);
    return Object.hasOwn(this.#attributes, name) ? this.#attributes[name] : undefined;
  };

  /**
   * The event in the JSON format: attributes and extensions, and `data`, which is the value of JSON, the
   * string of other text, and absent for bytes.
   */
  get document(): JsonValue {
    return (this.#document ??= documentOf(this.event));
  }

  /**
   * The result of a clause, computed once: an explanation after the evaluation costs no further steps and agrees with it.
   */
  once(clause: object, check: () => Check): Check {
    const known = this.#checks?.get(clause);
    if (known) return known;
    const checked = check();
    (this.#checks ??= new Map()).set(clause, checked);
    return checked;
  }
}

function attributesOf(event: CloudEvent | Filterable): Readonly<Record<string, CesqlValue>> {
  return 'attributes' in event ? event.attributes : contextAttributes(event);
}

function documentOf(event: CloudEvent | Filterable): JsonValue {
  if ('attributes' in event) {
    const { attributes, data } = event;
    return data === undefined ? attributes : { ...attributes, data };
  }
  const { data } = event;
  const attributes = contextAttributes(event);
  if (!data || data.kind === 'binary') return attributes;
  return { ...attributes, data: data.kind === 'json' ? data.value : data.text };
}
