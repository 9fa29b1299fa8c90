import { isJsonArray, type JsonValue, toJsonText } from '@app/json';
import { textOf } from '../json.js';

const BASE64_DIGITS = new TextEncoder().encode(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
);
const PADDING = '='.charCodeAt(0);

/** What a function needs besides its arguments. */
export interface FunctionContext {
  /** When the run began, in whole milliseconds since 1970. It is not the time of an attempt, so that every attempt gets the same value. */
  readonly startedAt: number | undefined;
  /** The most characters of the value. */
  readonly charsMax: number;
}

export type FunctionResult =
  | { readonly kind: 'value'; readonly value: JsonValue }
  /** The value would have more characters than `charsMax`, and was not made. */
  | { readonly kind: 'too-large' }
  /** `detail` completes a message that begins with the expression: "$(...) ...". */
  | { readonly kind: 'invalid'; readonly detail: string };

export interface ValueFunction {
  readonly argsMin: number;
  readonly argsMax: number;
  /** How a call is written, for messages. */
  readonly usage: string;
  /** Pure: equal arguments give equal values, in every build. At most six times as long as the arguments is made. */
  readonly apply: (args: readonly JsonValue[], context: FunctionContext) => FunctionResult;
}

/** The function whose arguments need not have a value; it gives the first that has one and is not null. */
export const DEFAULT = 'default';
const DEFAULT_ARGS_MAX = 8;

const ofText = (name: string, change: (text: string) => string): ValueFunction => ({
  argsMin: 1,
  argsMax: 1,
  usage: `${name}(value)`,
  apply: ([value = null]) => valueOf(change(textOf(value))),
});

/** All functions: what a parameter would otherwise need a script for. The set is closed. */
export const FUNCTIONS: ReadonlyMap<string, ValueFunction> = new Map([
  [
    DEFAULT,
    {
      argsMin: 2,
      argsMax: DEFAULT_ARGS_MAX,
      usage: 'default(value, other)',
      apply: (args) => valueOf(args.find((value) => value !== null) ?? null),
    },
  ],
  [
    'json',
    {
      argsMin: 1,
      argsMax: 1,
      usage: 'json(value)',
      apply: ([value = null]) => valueOf(toJsonText(value)),
    },
  ],
  ['base64', ofText('base64', base64Of)],
  ['lower', ofText('lower', (text) => text.toLowerCase())],
  ['upper', ofText('upper', (text) => text.toUpperCase())],
  ['trim', ofText('trim', (text) => text.trim())],
  ['join', { argsMin: 1, argsMax: 2, usage: "join(list, ', ')", apply: join }],
  [
    'now',
    {
      argsMin: 0,
      argsMax: 0,
      usage: 'now()',
      apply: (_, { startedAt }) =>
        startedAt === undefined
          ? { kind: 'invalid', detail: 'has no value before the run begins' }
          : valueOf(new Date(startedAt).toISOString()),
    },
  ],
]);

/** Each item is followed by the whole separator, and an event may bring both. */
function join(
  [list = null, separator = ',']: readonly JsonValue[],
  { charsMax }: FunctionContext,
): FunctionResult {
  if (!isJsonArray(list)) return { kind: 'invalid', detail: 'needs a list' };
  const between = textOf(separator);
  if (between.length * (list.length - 1) > charsMax) return { kind: 'too-large' };
  return valueOf(list.map(textOf).join(between));
}

function valueOf(value: JsonValue): FunctionResult {
  return { kind: 'value', value };
}

/**
 * A text as padded base64 (RFC 4648, section 4) of its UTF-8. A lone surrogate is encoded as U+FFFD. It is written as bytes:
 * an event may bring a million characters, and a text for each digit takes most of a second.
 */
function base64Of(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const digits = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PADDING);
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const given = Math.min(3, bytes.length - at) + 1;
    for (let digit = 0; digit < given; digit += 1)
      digits[(at / 3) * 4 + digit] = BASE64_DIGITS[(bits >> (18 - 6 * digit)) & 63] ?? 0;
  }
  return new TextDecoder().decode(digits);
}
