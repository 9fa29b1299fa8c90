import { type JsonValue } from '@app/json';

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export type HttpMethod = (typeof HTTP_METHODS)[number];

/** Statuses from one to another, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/**
 * What an `http` task asks for, resolved and checked: an absolute http(s) URL, and headers that
 * can't smuggle in others. Whether the URL may be called (private networks) is for the caller to check.
 */
export interface HttpCallParams {
  readonly url: string;
  readonly method: HttpMethod;
  /** Names and values; a name that is there twice is sent twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Sent as text when it is a string, else as JSON; absent sends none. */
  readonly body?: JsonValue;
  /** The body is that of a form: what is put into it is encoded as a form's. */
  readonly isForm?: true;
  /** The statuses with which the call succeeds; 2xx when absent. */
  readonly expectedStatus?: readonly StatusRange[];
  /** It is signed as Standard Webhooks say, as the message of that id, with the secret. */
  readonly sign?: { readonly id: string; readonly secret: string };
  /** No redirect is followed. */
  readonly staysThere?: true;
}

/** The names of the results that whoever makes the call gives back. */
export const HTTP_RESULT_NAMES = ['statusCode', 'headers', 'body'] as const;
