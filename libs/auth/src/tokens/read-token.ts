/** The parts of a request that may hold a token; names of headers are in lower case. */
export interface TokenPlaces {
  readonly headers: { readonly authorization?: string | undefined };
  /** Of the query; a form gives its own field of the same name. */
  readonly query?: unknown;
}

/**
 * The token of a request: `Authorization: Bearer <token>` or just the token there, else
 * `access_token`. An empty one is none, and so is a bare `Bearer`. The header wins, and a token that
 * it names is never replaced by the other (docs/design.md#order-of-checks). A header of more than two words is taken
 * as one token, which matches none.
 */
export function readToken({ headers, query }: TokenPlaces): string | undefined {
  const words = (headers.authorization ?? '').split(/\s+/).filter((word) => word !== '');
  if (words.length > 2) return words.join(' ');
  const token = words.length === 1 && /^bearer$/i.test(words[0] ?? '') ? undefined : words.at(-1);
  if (token !== undefined) return token;
  const parameter = (query as Readonly<Record<string, unknown>> | undefined)?.['access_token'];
  return typeof parameter === 'string' && parameter !== '' ? parameter : undefined;
}

/** The same for endpoints that take the header in its standard form only (RFC 6750, section 2.1). */
export function readBearerToken({ headers }: TokenPlaces): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
}
