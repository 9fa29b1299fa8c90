import { type CloudEvent, type EventData, type Headers } from '@app/events';
import { type TriggerKind } from '@app/events';
import { type JsonObject } from '@app/json';

/** The options of a secret, for providers whose way of signing can be configured (docs/providers.md). */
export type SignatureOptions = Readonly<Record<string, string>>;

/** A decrypted secret. */
export interface OpenSecret {
  readonly text: string;
  readonly options: SignatureOptions;
}

/** A signed request: the bytes of its body as they came, before they are parsed. */
export interface SignedDelivery {
  readonly bytes: Uint8Array;
  readonly headers: Headers;
  readonly secret: OpenSecret;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How far the signed time may be from `now`, in either direction, in milliseconds. */
  readonly ageMsMax: number;
}

export interface Delivery {
  readonly workflowId: string;
  /** Undefined when the body is empty. */
  readonly data: EventData | undefined;
  readonly headers: Headers;
  /** The options of the secret that signed the request; empty if it was authorized by a token. */
  readonly options: SignatureOptions;
  /** The listener's id of the request. It is the event's id if the provider sends no delivery id. */
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The most events of one delivery. */
  readonly eventsMax: number;
}

export type DeliveryReading =
  | { readonly kind: 'events'; readonly events: readonly CloudEvent[] }
  /** A validation request: it is answered with 200 and `body`, and nothing runs. */
  | { readonly kind: 'check'; readonly body?: JsonObject };

/**
 * How one provider signs and formats its webhooks. A provider has no access to workflows, tokens and stores; the
 * authorization is decided elsewhere, from its answer about a signature. To add a provider, copy `github.ts`, list it in
 * `webhook-providers.ts`, and add a sample to `testing/samples.ts` and a row to docs/providers.md.
 */
export interface WebhookProvider {
  /** The provider's name in the path, in the query parameter `type` of version 3, and in secrets. */
  readonly name: string;
  /** The trigger of a workflow that its events start. */
  readonly trigger: TriggerKind;
  /** The body of the answer to an accepted delivery. Default: the receipt. */
  readonly answer?: 'receipt' | 'empty';
  /** Whether the headers are those of one of its deliveries. */
  matches(headers: Headers): boolean;
  /** Whether the headers have a signature. Absent: the provider does not sign. */
  isSigned?(headers: Headers, options: SignatureOptions): boolean;
  /** Whether the signature is correct. Takes the same time for every secret. Called only if `isSigned` exists. */
  verify?(delivery: SignedDelivery): boolean;
  /** Converts the delivery into events. @throws InvalidEventError if a value can't be the attribute of an event */
  read(delivery: Delivery): DeliveryReading;
}
