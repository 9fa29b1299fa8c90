import { type JsonValue } from '@app/json';
import { type Expression } from './expression.js';

/** A piece of a text with references in it: as it was written, or what a reference or function has for a value. */
export type TextPart = string | FoundPart;

export interface FoundPart {
  readonly reference: Expression;
  readonly value: JsonValue;
}

/** The whole text; or what is wrong with the value of a reference, completing "$(params.x) ...". */
export type JoinedText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'invalid'; readonly reference: Expression; readonly detail: string };

/** Puts a text together for a parameter in which a value must not become syntax, such as a URL. */
export type JoinText = (parts: readonly TextPart[]) => JoinedText;
