import {
  isJsonArray,
  isJsonContainer,
  type JsonObject,
  jsonObjectOf,
  type JsonValue,
  membersIn,
  toJsonText,
  uriComponent,
} from '@app/json';
import { encodeComponent } from '@app/workflow-engine';
import { Buffer } from 'node:buffer';
import { type TaskOutcome } from '../task-handler.js';
import { type DecodedText, undecoded, decodedOnce } from './decoded-text.js';

/** Replaces a secret. */
export const MASK = '***';
const UTF8_BYTES_MAX = 3;
/** The characters that begin escapes, or are left out, in the search for secrets. */
const SPECIAL = /[%\\+\r\n]/;

/** Removes secrets from the outcome of a call, in case the target sent them back. */
export interface Mask {
  readonly outcome: (outcome: TaskOutcome) => TaskOutcome;
  readonly text: (text: string) => string;
  readonly value: (value: JsonValue) => JsonValue;
}

/** A shorter secret is found in ordinary words and numbers, so only a whole value that is equal to it is masked. */
const SEARCHED_CHARS_MIN = 8;

/** The most layers of escapes that are decoded; JSON in JSON in a form has three. */
const LAYERS_MAX = 6;

/**
 * Makes a mask of secrets. It finds a secret in these forms: as it is; with any of its characters percent-encoded or
 * escaped as in JSON, in up to `LAYERS_MAX` layers; and inside base64 at any offset, wrapped or not. It does not find a
 * secret that a target changed otherwise, such as reversed or hashed. Of a secret of fewer than `SEARCHED_CHARS_MIN`
 * characters only whole values are found. The work is linear in the text and the secrets.
 *
 * @param containers objects and arrays that are secret as a whole: they are emptied where they stand
 */
export function maskOf(
  secrets: Iterable<string>,
  containers: ReadonlySet<JsonValue> = new Set(),
): Mask {
  const all = new Set(secrets);
  const searched = [...all].filter(({ length }) => length >= SEARCHED_CHARS_MIN);
  // Nothing is left of a form that has only line breaks, and nothing would be found without end.
  const needles = [...new Set(searched.flatMap(formsOf))]
    .map(needleOf)
    .filter(({ length }) => length > 0);
  const shortest = Math.min(...needles.map(({ length }) => length));
  const text = (given: string): string => {
    if (all.has(given)) return MASK;
    return given.length * UTF8_BYTES_MAX < shortest ? given : masked(given, needles);
  };
  return {
    text,
    outcome: (outcome) => maskedOutcome(outcome, text),
    value: (value) => maskedValue(value, text, containers),
  };
}

type Range = readonly [start: number, end: number];

function masked(given: string, needles: readonly Buffer[]): string {
  const bytes = Buffer.from(given);
  // The usual case: a text without escapes and without a secret.
  if (!SPECIAL.test(given) && !needles.some((needle) => bytes.includes(needle))) return given;
  const ranges: Range[] = [];
  let layer: DecodedText | undefined = undecoded(given);
  for (let layers = 0; layer !== undefined && layers <= LAYERS_MAX; layers += 1) {
    for (const needle of needles) addPlaces(ranges, needle, layer);
    layer = decodedOnce(layer);
  }
  return ranges.length === 0 ? given : without(bytes, ranges);
}

function addPlaces(ranges: Range[], needle: Buffer, { bytes, starts, ends }: DecodedText): void {
  let at = bytes.indexOf(needle);
  while (at !== -1) {
    const behind = at + needle.length;
    ranges.push([starts[at] ?? 0, ends[behind - 1] ?? 0]);
    at = bytes.indexOf(needle, behind);
  }
}

/** The text with the ranges replaced. Overlapping ranges are merged. */
function without(bytes: Buffer, ranges: Range[]): string {
  let text = '';
  let copied = 0;
  let [start, end]: Range = [-1, 0];
  for (const range of [
    ...ranges.toSorted(([a], [b]) => a - b),
    [bytes.length, bytes.length] as const,
  ]) {
    if (range[0] < end) {
      end = Math.max(end, range[1]);
      continue;
    }
    if (start !== -1) {
      text += bytes.toString('utf8', copied, start) + MASK;
      copied = end;
    }
    [start, end] = range;
  }
  return text + bytes.toString('utf8', copied);
}

function maskedOutcome(outcome: TaskOutcome, text: (text: string) => string): TaskOutcome {
  if (outcome.kind === 'postponed') return outcome;
  const { results } = outcome;
  const masked = results && { results: maskedObject(results, text) };
  if (outcome.kind === 'succeeded') return { ...outcome, ...masked };
  return { ...outcome, message: text(outcome.message), ...masked };
}

function maskedObject(
  value: JsonObject,
  text: (text: string) => string,
  containers?: ReadonlySet<JsonValue>,
): JsonObject {
  return jsonObjectOf(
    membersIn(value).map(([name, one]) => [text(name), maskedValue(one, text, containers)]),
  );
}

function maskedValue(
  value: JsonValue,
  text: (text: string) => string,
  containers?: ReadonlySet<JsonValue>,
): JsonValue {
  if (typeof value === 'string') return text(value);
  if (isJsonContainer(value)) {
    if (containers?.has(value)) return isJsonArray(value) ? [] : {};
    return isJsonArray(value)
      ? value.map((item) => maskedValue(item, text, containers))
      : maskedObject(value, text, containers);
  }
  // A target may return a secret of digits as a number.
  const asText = toJsonText(value);
  return text(asText) === asText ? value : MASK;
}

/** The forms of a secret that are searched for: as it is, and inside base64 as text, as JSON, in a URL and in a form. */
function formsOf(secret: string): readonly string[] {
  const inJson = toJsonText(secret).slice(1, -1);
  const inUrl = encodeComponent(secret);
  const inForm = inUrl.replaceAll('%20', '+');
  const inAll = [secret, inJson, uriComponent(secret), inUrl, inForm].flatMap(inBase64);
  return [secret, withoutEscapes(secret), ...inAll];
}

/** The secret without its own escapes, by which it is found in decoded layers. */
function withoutEscapes(secret: string): string {
  let layer = undecoded(secret);
  for (let layers = 0; layers < LAYERS_MAX; layers += 1) layer = decodedOnce(layer) ?? layer;
  return layer.bytes.toString();
}

/** The bytes that are searched for. */
function needleOf(form: string): Buffer {
  return undecoded(form).bytes;
}

/** The base64 characters that depend on the secret alone, for each of its three possible alignments. */
function inBase64(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]);
    const ofSecret = [Math.ceil((before * 8) / 6), Math.floor((all.length * 8) / 6)] as const;
    return [
      all.toString('base64').slice(...ofSecret),
      all.toString('base64url').slice(...ofSecret),
    ];
  });
}
