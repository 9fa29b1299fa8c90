import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '@app/json';

/** What the request of a webhook said beside its body: parameters of its run, and no part of its event. */
export interface WebhookRequest {
  /** The parameters of the URL that are not ours: a text, or a list of texts for a name that was repeated. */
  readonly query: JsonObject;
  /** By name in lower case; only what may be on record (docs/webhooks.md). */
  readonly headers: JsonObject;
}

/** The request in what a listener has signed; undefined if it is no such thing. */
export function webhookRequestOf(value: JsonValue): WebhookRequest | undefined {
  if (!isJsonObject(value)) return undefined;
  const query = memberOf(value, 'query');
  const headers = memberOf(value, 'headers');
  return isJsonObject(query) && isJsonObject(headers) ? { query, headers } : undefined;
}
