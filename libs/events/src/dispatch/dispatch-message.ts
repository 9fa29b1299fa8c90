import { Buffer } from 'node:buffer';
import {
  asciiJson,
  isJsonObject,
  type JsonLimits,
  type JsonObject,
  type JsonValue,
  memberOf,
} from '@app/json';
import { type SigningKeys } from '@app/signing';
import { trustedEvent } from '../event/check-event.js';
import { type CloudEvent } from '../event/cloud-event.js';
import { type Dispatch, TRIGGER_KINDS, type WebhookRequest, webhookRequestOf } from './dispatch.js';
import { DispatchSignatureInvalidError, InvalidDispatchError } from '../errors.js';
import { parseWithin } from '../limits.js';
import { headerOf, type Headers, withLowerCaseNames } from '../headers.js';
import { decodeMessage, type Message, type ReceivedMessage } from '../nats/message.js';
import { readStructured } from '../structured/envelope.js';
import { STRUCTURED_CONTENT_TYPE, toStructuredJson } from '../structured/structured-json.js';

/**
 * How a dispatch travels, over NATS and over HTTP alike: the payload is the event in structured
 * mode, so that any CloudEvents client can read it; one header has the other facts, and a second
 * one the signature over both.
 */
const DISPATCH_HEADER = 'flow-dispatch';
export const SIGNATURE_HEADER = 'flow-signature';
/** In the place of the signature on a message of release 0.1. */
const RELEASE_01_SIGNATURE_HEADER = 'flow-seal';
const OUR_HEADERS = [DISPATCH_HEADER, SIGNATURE_HEADER, RELEASE_01_SIGNATURE_HEADER];

export type ReceivedDispatch =
  /** The dispatch came through our ingress, where it was authorized and checked. */
  | { readonly kind: 'signed'; readonly dispatch: Dispatch }
  /** Another service published the event: its extension `token` must be authorized before anything else is done. */
  | { readonly kind: 'unsigned'; readonly event: CloudEvent };

/** The facts of a dispatch: everything but the event, which is the payload. */
export type DispatchFacts = Omit<Dispatch, 'event'>;

export function factsOf(dispatch: Dispatch): DispatchFacts {
  const { activityId, workflowId, workflowRevision, trigger, acceptedAt, recorded } = dispatch;
  const { request, requires, quotaMonth } = dispatch;
  return {
    activityId,
    workflowId,
    workflowRevision,
    requires,
    trigger,
    acceptedAt,
    recorded,
    request,
    quotaMonth,
  };
}

/** @param text the event in structured mode, where that is known */
export function encodeDispatch(
  dispatch: Dispatch,
  keys: SigningKeys,
  text = toStructuredJson(dispatch.event),
): Message {
  const facts = factsOf(dispatch);
  // Facts without a webhook's request are ASCII already.
  const header = facts.request === undefined ? JSON.stringify(facts) : asciiJson(facts);
  return signedDispatch(header, Buffer.from(text), keys);
}

/** @param facts of the dispatch, as ASCII JSON */
export function signedDispatch(facts: string, payload: Uint8Array, keys: SigningKeys): Message {
  const headers: Record<string, string> = { 'content-type': STRUCTURED_CONTENT_TYPE };
  headers[DISPATCH_HEADER] = facts;
  headers[SIGNATURE_HEADER] = keys.sign('dispatch', [facts, payload]);
  return { headers, payload };
}

/**
 * Decodes a message. `limits` apply to events without a signature; a signed one was measured by the limits of the
 * ingress, so it must run even if those of this process are lower.
 *
 * @throws DispatchSignatureInvalidError when one of the two headers is missing or the signature is wrong
 * @throws InvalidDispatchError when the signed facts are not valid
 * @throws BodyNotJsonError
 * @throws BodyOutOfBoundsError
 * @throws InvalidEventError
 */
export function decodeDispatch(
  { headers, payload }: ReceivedMessage,
  keys: SigningKeys,
  limits: JsonLimits,
): ReceivedDispatch {
  const names = isAsWritten(headers) ? headers : withLowerCaseNames(headers);
  if (!OUR_HEADERS.some((name) => Object.hasOwn(names, name))) {
    return { kind: 'unsigned', event: decodeMessage({ headers, payload }, limits) };
  }
  const header = headerOf(names, DISPATCH_HEADER);
  if (header === undefined || !isSigned(names, header, payload, keys)) {
    throw new DispatchSignatureInvalidError();
  }
  return { kind: 'signed', dispatch: dispatchOf(parseFacts(header), payload) };
}

/**
 * What a listener has signed: the facts, and the event in structured mode.
 *
 * @throws InvalidDispatchError, BodyNotJsonError, InvalidEventError
 */
export function dispatchOf(facts: JsonObject, payload: Uint8Array): Dispatch {
  const event = trustedEvent(readStructured(parseWithin(payload, undefined), undefined));
  return withFacts(facts, event);
}

/** The fast path: nearly all messages have the names in our spelling, so the headers need no copy. */
function isAsWritten(headers: Headers): boolean {
  return Object.hasOwn(headers, DISPATCH_HEADER) && Object.hasOwn(headers, SIGNATURE_HEADER);
}

function isSigned(names: Headers, header: string, payload: Uint8Array, keys: SigningKeys): boolean {
  const signature = headerOf(names, SIGNATURE_HEADER);
  if (signature !== undefined) return keys.verify('dispatch', [header, payload], signature);
  const signature01 = headerOf(names, RELEASE_01_SIGNATURE_HEADER);
  return signature01 !== undefined && keys.verifyRelease01(header, payload, signature01);
}

function withFacts(facts: JsonObject, event: CloudEvent): Dispatch {
  const { activityId, workflowId, workflowRevision, acceptedAt, recorded } = facts;
  const trigger = TRIGGER_KINDS.find((kind) => kind === facts['trigger']);
  if (
    typeof activityId !== 'string' ||
    typeof workflowId !== 'string' ||
    typeof workflowRevision !== 'number' ||
    typeof acceptedAt !== 'number' ||
    typeof recorded !== 'boolean' ||
    trigger === undefined
  ) {
    throw new InvalidDispatchError('a fact is missing or of another type');
  }
  const request = requestIn(facts);
  const requires = requirementsIn(facts);
  const quotaMonth = facts['quotaMonth'];
  return {
    activityId,
    workflowId,
    workflowRevision,
    ...(requires && { requires }),
    ...(typeof quotaMonth === 'number' && { quotaMonth }),
    trigger,
    acceptedAt,
    recorded,
    event,
    request,
  };
}

/** Release 0.1 does not write it, and ignores it. */
function requestIn(facts: JsonObject): WebhookRequest | undefined {
  const request = memberOf(facts, 'request');
  if (request === undefined) return undefined;
  const read = webhookRequestOf(request);
  if (read === undefined) throw new InvalidDispatchError('its request is not what a webhook has');
  return read;
}

function requirementsIn(facts: JsonObject): readonly string[] | undefined {
  const requires = memberOf(facts, 'requires');
  if (requires === undefined) return undefined;
  if (Array.isArray(requires) && requires.every((one) => typeof one === 'string')) return requires;
  throw new InvalidDispatchError('what it requires is no list of texts');
}

function parseFacts(header: string): JsonObject {
  const facts = parseHeader(header);
  if (!isJsonObject(facts)) throw new InvalidDispatchError('its header is not a JSON object');
  return facts;
}

export function parseHeader(header: string): JsonValue {
  try {
    return JSON.parse(header) as JsonValue;
  } catch (cause) {
    throw new InvalidDispatchError('its header is not JSON', { cause });
  }
}
