/**
 * Headers of a request or a message. One that came more than once is a list; Node and the NATS
 * client both give this form.
 */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The headers of a request with each value that was sent: Node joins those of one name in `headers`. */
export interface SeparateHeaders {
  readonly headersDistinct: Readonly<Record<string, readonly string[] | undefined>>;
}

/** Names of headers are case-insensitive; the code here uses them in lower case. */
export function withLowerCaseNames(headers: Headers): Headers {
  // Without a prototype, so that a header may have a name such as `__proto__`.
  const named = Object.create(null) as Record<string, Headers[string]>;
  for (const name of Object.keys(headers)) named[name.toLowerCase()] = headers[name];
  return named;
}

/** The value of a header that is there exactly once. */
export function headerOf(headers: Headers, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  return value.length === 1 ? value[0] : undefined;
}
