import { type Answer, ask } from './answer.js';

export type EventAttributes = Readonly<Record<string, unknown>>;

export interface SendOptions {
  /** As the `Authorization` header's bearer; absent sends none. */
  readonly token?: string;
  /** The listener's path; default `/listener/event`. */
  readonly path?: string;
  readonly method?: 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  /** Aborts the request. */
  readonly signal?: AbortSignal;
}

/** Sends a CloudEvent as one JSON document. */
export function sendStructured(
  listenerUrl: string,
  event: EventAttributes,
  options: SendOptions = {},
): Promise<Answer> {
  const headers = { 'content-type': 'application/cloudevents+json' };
  return send(listenerUrl, options, headers, JSON.stringify(event));
}

/** Sends several CloudEvents as one JSON array. */
export function sendBatch(
  listenerUrl: string,
  events: readonly EventAttributes[],
  options: SendOptions = {},
): Promise<Answer> {
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  return send(listenerUrl, options, headers, JSON.stringify(events));
}

/** Sends a CloudEvent with its attributes in `ce-` headers and its data, as JSON, in the body. */
export function sendBinary(
  listenerUrl: string,
  { data, datacontenttype = 'application/json', ...attributes }: EventAttributes,
  options: SendOptions = {},
): Promise<Answer> {
  const headers = Object.fromEntries([
    ['content-type', String(datacontenttype)],
    ...Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]),
  ]) as Record<string, string>;
  return send(listenerUrl, options, headers, JSON.stringify(data));
}

/** Sends any JSON as a generic webhook. */
export function sendWebhook(
  listenerUrl: string,
  workflowId: string,
  body: unknown,
  options: SendOptions = {},
): Promise<Answer> {
  const query = new URLSearchParams({ workflowId, type: 'generic' });
  const path = options.path ?? `/listener/webhook?${query.toString()}`;
  const headers = { 'content-type': 'application/json' };
  return send(listenerUrl, { ...options, path }, headers, JSON.stringify(body));
}

function send(
  listenerUrl: string,
  { token, path = '/listener/event', method = 'POST', headers, signal }: SendOptions,
  modeHeaders: Readonly<Record<string, string>>,
  body: string,
): Promise<Answer> {
  return ask(listenerUrl + path, {
    method,
    headers: { ...modeHeaders, ...headers },
    body,
    ...(signal && { signal }),
    ...(token !== undefined && { token }),
  });
}
