import {
  isJsonArray,
  isJsonContainer,
  type JsonObject,
  jsonObjectOf,
  type JsonValue,
  membersIn,
  toJsonText,
} from '@app/json';
import { Buffer } from 'node:buffer';
import { type TaskOutcome } from '../task-handler.js';
import { type Layer, outermost, peeled } from './layers.js';

/** What is shown in the place of a secret. */
const MASK = '***';
const UTF8_BYTES_MAX = 3;
/** What makes a text another one, when it is searched for secrets. */
const SPECIAL = /[%\\+\r\n]/;

/** Takes secrets out of what a call came to, should the other side have sent them back. */
export interface Mask {
  readonly outcome: (outcome: TaskOutcome) => TaskOutcome;
  readonly text: (text: string) => string;
}

/** Layers of escapes that are taken off a text; JSON in JSON in a form has three. */
const LAYERS_MAX = 6;

/**
 * Finds a secret as it is; with any of its characters percent-encoded or escaped as in JSON, by whatever writer, in
 * layers up to `LAYERS_MAX`; and within base64, wherever it begins there, wrapped or not. What a target has changed
 * otherwise, such as reversed or hashed, is not found. The work is in proportion to the text and the secrets.
 */
export function maskOf(secrets: Iterable<string>): Mask {
  const needles = [...new Set([...secrets].flatMap(formsOf))].map(needleOf);
  const shortest = Math.min(...needles.map(({ length }) => length));
  const text = (given: string): string =>
    given.length * UTF8_BYTES_MAX < shortest ? given : masked(given, needles);
  return { text, outcome: (outcome) => maskedOutcome(outcome, text) };
}

type Range = readonly [start: number, end: number];

function masked(given: string, needles: readonly Buffer[]): string {
  const bytes = Buffer.from(given);
  // Nearly all texts: there is nothing to take off, and nothing in them.
  if (!SPECIAL.test(given) && !needles.some((needle) => bytes.includes(needle))) return given;
  const ranges: Range[] = [];
  let layer: Layer | undefined = outermost(given);
  for (let layers = 0; layer !== undefined && layers <= LAYERS_MAX; layers += 1) {
    for (const needle of needles) addPlaces(ranges, needle, layer);
    layer = peeled(layer);
  }
  return ranges.length === 0 ? given : without(bytes, ranges);
}

function addPlaces(ranges: Range[], needle: Buffer, { bytes, starts, ends }: Layer): void {
  let at = bytes.indexOf(needle);
  while (at !== -1) {
    const behind = at + needle.length;
    ranges.push([starts[at] ?? 0, ends[behind - 1] ?? 0]);
    at = bytes.indexOf(needle, behind);
  }
}

/** Places that overlap are one. */
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

function maskedObject(value: JsonObject, text: (text: string) => string): JsonObject {
  return jsonObjectOf(membersIn(value).map(([name, one]) => [text(name), maskedValue(one, text)]));
}

function maskedValue(value: JsonValue, text: (text: string) => string): JsonValue {
  if (typeof value === 'string') return text(value);
  if (isJsonContainer(value)) {
    return isJsonArray(value)
      ? value.map((item) => maskedValue(item, text))
      : maskedObject(value, text);
  }
  // A secret of digits comes back as a number from whoever reads it as one.
  const asText = toJsonText(value);
  return text(asText) === asText ? value : MASK;
}

/** As it is, within base64, and as JSON or a part of a URL within base64. */
function formsOf(secret: string): readonly string[] {
  const inJson = toJsonText(secret).slice(1, -1);
  const inBoth = [secret, inJson, encodeURIComponent(secret)].flatMap(inBase64);
  return [secret, withoutEscapes(secret), ...inBoth];
}

/** One that has escapes itself is found where they are taken off, too. */
function withoutEscapes(secret: string): string {
  let layer = outermost(secret);
  for (let layers = 0; layers < LAYERS_MAX; layers += 1) layer = peeled(layer) ?? layer;
  return layer.bytes.toString();
}

/** As it is searched for. */
function needleOf(form: string): Buffer {
  return outermost(form).bytes;
}

/** The characters of base64 that depend on the secret alone, for each of the three ways it may lie in it. */
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
