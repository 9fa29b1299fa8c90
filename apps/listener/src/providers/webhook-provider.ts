import { type CloudEvent, type EventData, type Headers } from '@app/events';
import { type TriggerKind } from '@app/events';
import { type JsonObject } from '@app/json';

/** How a provider signs, where that is left open: the options of the secret (docs/providers.md). */
export type SignatureOptions = Readonly<Record<string, string>>;

/** A secret in clear text, only for as long as a signature is checked. */
export interface OpenSecret {
  readonly text: string;
  readonly options: SignatureOptions;
}

/** What was signed: the very bytes that came, before anything is made of them. */
export interface SignedDelivery {
  readonly bytes: Uint8Array;
  readonly headers: Headers;
  readonly secret: OpenSecret;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How far a signature's own time may be from ours, in either direction. */
  readonly ageMsMax: number;
}

export interface Delivery {
  readonly workflowId: string;
  /** Undefined when the body is empty. */
  readonly data: EventData | undefined;
  readonly headers: Headers;
  /** Of the secret that it was signed with; none where a token let it in. */
  readonly options: SignatureOptions;
  /** Ours for this request: the event's id where the provider names no delivery. */
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Of a provider that sends several events at once. */
  readonly eventsMax: number;
}

export type DeliveryReading =
  | { readonly kind: 'events'; readonly events: readonly CloudEvent[] }
  /** Asks whether we are there: answered with 200 and this, and nothing runs. */
  | { readonly kind: 'check'; readonly body?: JsonObject };

/**
 * What is peculiar to one sender of webhooks. It knows no workflow, no token and no store: who may
 * send is decided elsewhere, by what it says of a signature. To add one, copy `github.ts`, list it in
 * `webhook-providers.ts`, and add a row to `webhook-providers.spec.ts` and to docs/providers.md.
 */
export interface WebhookProvider {
  /** In the path, in v3's `type`, and of its secrets. */
  readonly name: string;
  /** Which trigger of a workflow lets its events start it. */
  readonly trigger: TriggerKind;
  /** What an accepted delivery is answered with; default is the receipt. */
  readonly answer?: 'receipt' | 'empty';
  /** Whether the head is that of one of its deliveries. */
  matches(headers: Headers): boolean;
  /** Whether the head says that the body is signed. Absent: it signs nothing. */
  isSigned?(headers: Headers, options: SignatureOptions): boolean;
  /** Whether the signature is right. Constant time in the secret. Asked only with `isSigned`. */
  verify?(delivery: SignedDelivery): boolean;
  /** @throws InvalidEventError when its names can't be an event's */
  read(delivery: Delivery): DeliveryReading;
}
