import {
  isJsonArray,
  isJsonContainer,
  type JsonObject,
  jsonObjectOf,
  type JsonValue,
  membersIn,
  toJsonText,
} from '@app/json';
import { encodeComponent } from '@app/workflow-engine';
import { Buffer } from 'node:buffer';
import { type TaskOutcome } from '../task-handler.js';

/** What is shown in the place of a secret. */
const MASK = '***';

/** Takes secrets out of what a call came to, should the other side have sent them back. */
export interface Mask {
  readonly outcome: (outcome: TaskOutcome) => TaskOutcome;
  readonly text: (text: string) => string;
}

/**
 * Finds a secret as it is, as JSON, percent-encoded (in either case, with `+` for a space) and within base64,
 * wherever it begins there. What a target has changed otherwise, such as reversed or hashed, is not found.
 */
export function maskOf(secrets: Iterable<string>): Mask {
  const forms = new Set([...secrets].flatMap(formsOf));
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const text = (given: string): string => {
    let masked = given;
    for (const form of longestFirst) masked = masked.replaceAll(form, MASK);
    return masked;
  };
  return { text, outcome: (outcome) => maskedOutcome(outcome, text) };
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

function formsOf(secret: string): readonly string[] {
  const inJson = toJsonText(secret).slice(1, -1);
  // As it is sent, and as most others write it.
  const encoded = [encodeComponent(secret), encodeURIComponent(secret)]
    .flatMap((inUrl) => [inUrl, inUrl.replaceAll('%20', '+')])
    .flatMap((one) => [one, lowerEscapes(one)]);
  return [secret, inJson, inJson.replaceAll('/', String.raw`\/`), ...encoded, ...inBase64(secret)];
}

function lowerEscapes(text: string): string {
  return text.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
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
