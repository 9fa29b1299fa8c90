import { type JsonValue } from '@app/json';

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export type HttpMethod = (typeof HTTP_METHODS)[number];

/**
 * What an `http` task asks for, resolved and checked: an absolute http(s) URL, and headers that
 * can't smuggle in others. Whether the URL may be called (private networks) is for the caller to check.
 */
export interface HttpCallParams {
  readonly url: string;
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as text when it is a string, else as JSON; absent sends none. */
  readonly body?: JsonValue;
}

/** The names of the results that whoever makes the call gives back. */
export const HTTP_RESULT_NAMES = ['statusCode', 'headers', 'body'] as const;
