import { type CloudEvent, contextAttributes } from '@app/events';
import { doubleOf, isJsonArray, isJsonContainer, type JsonValue, membersIn } from '@app/json';
import { type CesqlValue } from '@app/cesql';

/** An event as filters see it, each part of it made when the first clause asks for it. */
export class FilterSubject {
  #attributes: Readonly<Record<string, CesqlValue>> | undefined;
  #document: JsonValue | undefined;
  #computable: JsonValue | undefined;

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

  /** The document with numbers as doubles, for whoever computes with them. */
  get computable(): JsonValue {
    return (this.#computable ??= withDoubles(this.document));
  }
}

function documentOf(event: CloudEvent): JsonValue {
  const { data } = event;
  const attributes = contextAttributes(event);
  if (!data || data.kind === 'binary') return attributes;
  return { ...attributes, data: data.kind === 'json' ? data.value : data.text };
}

/** JSON of users is nested no deeper than the ingress lets it be. */
function withDoubles(value: JsonValue): JsonValue {
  if (!isJsonContainer(value)) return doubleOf(value) ?? value;
  if (isJsonArray(value)) return value.map(withDoubles);
  return Object.fromEntries(membersIn(value).map(([name, member]) => [name, withDoubles(member)]));
}
