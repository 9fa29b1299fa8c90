import { rawRequest, type RawAnswer, requestHead, type RawRequestOptions } from './raw-request.js';

/** Problem details (RFC 9457), with the members that tests check. */
export interface ProblemAnswer {
  readonly status: number;
  readonly code: string;
  readonly errors?: readonly { readonly attribute?: string; readonly path?: string }[];
}

export interface RawEventOptions {
  readonly method?: string;
  readonly path?: string;
  readonly contentType?: string;
  /** More header lines. */
  readonly headers?: readonly string[];
}

const STRUCTURED = 'application/cloudevents+json';

/** Sends requests that no client library would send, with a valid token. */
export class RawSender {
  constructor(
    private readonly listenerUrl: string,
    private readonly token: string,
  ) {}

  /** A whole request with this body and its true length. */
  post(body: string | Buffer, options: RawEventOptions = {}): Promise<RawAnswer> {
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    return this.send([this.head([length], options), body]);
  }

  send(parts: readonly (string | Buffer)[], options?: RawRequestOptions): Promise<RawAnswer> {
    return rawRequest(this.listenerUrl, parts, options);
  }

  /** A valid head; the header lines in `lines` have to describe the body. */
  head(
    lines: readonly string[],
    {
      method = 'POST',
      path = '/listener/event',
      contentType = STRUCTURED,
      headers = [],
    }: RawEventOptions = {},
  ): string {
    return requestHead(method, path, [
      `Authorization: Bearer ${this.token}`,
      `Content-Type: ${contentType}`,
      ...lines,
      ...headers,
      'Connection: close',
    ]);
  }
}

/**
 * The problem details that an error must be answered with, whoever answers it.
 * @throws Error if it is anything else
 */
export function problemIn({ status, headers, body }: RawAnswer): ProblemAnswer {
  const types = headers.filter(([name]) => name.toLowerCase() === 'content-type');
  const problem = JSON.parse(body.toString()) as ProblemAnswer;
  if (types.length !== 1 || types[0]?.[1] !== 'application/problem+json') {
    throw new Error(`The answer's type is ${JSON.stringify(types)}`);
  }
  if (problem.status !== status) throw new Error(`${problem.status} is not ${status}`);
  return problem;
}
