import { type JsonValue } from '@app/json';

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export type HttpMethod = (typeof HTTP_METHODS)[number];

/** Statuses from one to another, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** A field or a file of a form. It has either `text` or `base64`. */
export interface FormPart {
  readonly name: string;
  /** Of a file. */
  readonly filename?: string;
  /** Of a file. */
  readonly contentType?: string;
  readonly text?: string;
  readonly base64?: string;
}

/**
 * The parameters of an `http` task, resolved and checked: the URL is absolute and of the scheme http or https, and
 * no header contains a line break. Whether the URL may be called (private networks) is for the executor to check.
 */
export interface HttpCallParams {
  readonly url: string;
  readonly method: HttpMethod;
  /** Names and values; a name that occurs twice is sent twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Sent as text when it is a string, else as JSON; absent sends none. */
  readonly body?: JsonValue;
  /** The body is `multipart/form-data` (RFC 7578) of these parts; there is no `body` then. */
  readonly parts?: readonly FormPart[];
  /** The body is `application/x-www-form-urlencoded`: values put into its template are encoded for that. */
  readonly isForm?: true;
  /** The statuses that count as success; 2xx when absent. */
  readonly expectedStatus?: readonly StatusRange[];
  /** Replaces `body` among the results of a success: what these JSONPaths find in the body, by the names of the results. */
  readonly results?: Readonly<Record<string, string>>;
  /** The request is signed by Standard Webhooks, with this message id and secret. */
  readonly sign?: { readonly id: string; readonly secret: string };
  /** The request bears an access token that these credentials are exchanged for. */
  readonly oauth2?: ClientCredentials;
  /** Redirects are not followed. */
  readonly staysThere?: true;
  /** The status is the whole answer: the body is not read, so whatever it is can't fail the call. */
  readonly statusOnly?: true;
}

/** How the client authenticates at the token endpoint: by HTTP Basic, or in the body (RFC 6749, section 2.3.1). */
export const CLIENT_AUTHENTICATIONS = ['basic', 'body'] as const;

/** OAuth 2.0 client credentials (RFC 6749, section 4.4). */
export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly authentication: (typeof CLIENT_AUTHENTICATIONS)[number];
  readonly scope?: string;
  readonly audience?: string;
}

/** The names of an `http` task's results. */
export const HTTP_RESULT_NAMES = ['statusCode', 'headers', 'body'] as const;
