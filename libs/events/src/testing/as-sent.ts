import { type Headers, type SeparateHeaders } from '../headers.js';

export const NO_HEADERS: SeparateHeaders = { headersDistinct: {} };

/** Headers as Node has them of a request: a list of values for each name. */
export function asSent(headers: Headers): SeparateHeaders {
  const values = Object.entries(headers).map(([name, value]) => [name, [value ?? []].flat()]);
  return { headersDistinct: Object.fromEntries(values) as SeparateHeaders['headersDistinct'] };
}
