import { type JsonValue } from '@app/json';
import { type Expression } from './expression.js';

/** A part of a text with references: plain text, or the value of a reference or function. */
export type TextPart = string | FoundPart;

export interface FoundPart {
  readonly reference: Expression;
  readonly value: JsonValue;
}

/** The whole text; or what is wrong with a value, in a `detail` that completes "$(params.x) ...". */
export type JoinedText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'invalid'; readonly reference: Expression; readonly detail: string };

/** Joins the parts of a text for a parameter in which a value must not become syntax, such as a URL. */
export type JoinText = (parts: readonly TextPart[]) => JoinedText;
