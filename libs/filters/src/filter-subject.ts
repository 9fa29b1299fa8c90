import { type CloudEvent, contextAttributes } from '@app/events';
import { type JsonValue } from '@app/json';
import { type CesqlValue } from '@app/cesql';
import { type Check, StepBudget } from './step-budget.js';

/**
 * An event as filters see it, each part of it made when the first clause asks for it. It counts what they
 * take, so whoever asks several filters about an event, or one twice, gives all of them the same subject.
 */
export class FilterSubject {
  #attributes: Readonly<Record<string, CesqlValue>> | undefined;
  #document: JsonValue | undefined;
  #checks: Map<object, Check> | undefined;

  /** What all that is asked about this event may still take. */
  readonly steps = new StepBudget();

  constructor(private readonly event: CloudEvent) {}

  /** Of any type; CloudEvents has no others than CESQL (a timestamp is a text). */
  readonly attribute = (name: string): CesqlValue | undefined => {
    this.#attributes ??= contextAttributes(this.event);
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
   * What a clause comes to, found once: it takes no more steps when it is explained than when it was asked,
   * and says the same, although the steps may be gone by then.
   */
  once(clause: object, check: () => Check): Check {
    const known = this.#checks?.get(clause);
    if (known) return known;
    const checked = check();
    (this.#checks ??= new Map()).set(clause, checked);
    return checked;
  }
}

function documentOf(event: CloudEvent): JsonValue {
  const { data } = event;
  const attributes = contextAttributes(event);
  if (!data || data.kind === 'binary') return attributes;
  return { ...attributes, data: data.kind === 'json' ? data.value : data.text };
}
