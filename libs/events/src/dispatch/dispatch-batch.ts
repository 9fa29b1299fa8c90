import { Buffer } from 'node:buffer';
import { asciiJson, isJsonObject, type JsonObject } from '@app/json';
import { type SigningKeys } from '@app/signing';
import { DispatchSignatureInvalidError, InvalidDispatchError } from '../errors.js';
import { headerOf, withLowerCaseNames } from '../headers.js';
import { BATCH_CONTENT_TYPE } from '../http/batch.js';
import { type Message, type ReceivedMessage } from '../nats/message.js';
import { type Dispatch } from './dispatch.js';
import {
  dispatchOf,
  factsOf,
  parseHeader,
  SIGNATURE_HEADER,
  signedDispatch,
} from './dispatch-message.js';

const BATCH_HEADER = 'flow-dispatches';
/** Signed together with the parts, so that a batch is never taken for a single dispatch, or the reverse. */
const BATCH = 'batch';

/** Dispatches in one message, at most. */
export const DISPATCH_BATCH_ITEMS_MAX = 64;

/** A dispatch, and its event in structured mode. */
export interface WrittenDispatch {
  readonly dispatch: Dispatch;
  readonly text: string;
  /** Of the text in UTF-8. */
  readonly bytes: number;
}

/** One dispatch of a batch, not decoded yet: an undecodable one does not affect the others. */
export interface BatchedDispatch {
  /** The workflow's id in the facts; empty if they have none. */
  readonly workflowId: string;
  /** @throws InvalidDispatchError, BodyNotJsonError, InvalidEventError */
  read(): Dispatch;
  /** The same dispatch as a message of its own. */
  alone(): Message;
}

/**
 * Several dispatches in one message, all of recorded events. The payload is their events as a batch of the JSON
 * format; one header has the facts of each dispatch with the length of its event, and one the signature over both. So
 * each event is decoded by itself, and can be sent alone, byte for byte.
 */
export function encodeDispatchBatch(
  written: readonly WrittenDispatch[],
  keys: SigningKeys,
): Message {
  const facts = written.map(({ dispatch, bytes }) => ({ bytes, ...factsOf(dispatch) }));
  // Facts without a webhook's request are ASCII already.
  const isPlain = facts.every(({ request }) => request === undefined);
  const header = isPlain ? JSON.stringify(facts) : asciiJson(facts);
  const payload = Buffer.from(`[${written.map(({ text }) => text).join(',')}]`);
  const headers: Record<string, string> = { 'content-type': BATCH_CONTENT_TYPE };
  headers[BATCH_HEADER] = header;
  headers[SIGNATURE_HEADER] = keys.sign('dispatch', [BATCH, header, payload]);
  return { headers, payload };
}

/**
 * @throws DispatchSignatureInvalidError when one of the two headers is missing or the signature is wrong
 * @throws InvalidDispatchError when the signed text is not a batch
 */
export function decodeDispatchBatch(
  { headers, payload }: ReceivedMessage,
  keys: SigningKeys,
): readonly BatchedDispatch[] {
  const names = withLowerCaseNames(headers);
  const header = headerOf(names, BATCH_HEADER);
  const signature = headerOf(names, SIGNATURE_HEADER);
  if (header === undefined || signature === undefined) throw new DispatchSignatureInvalidError();
  if (!keys.verify('dispatch', [BATCH, header, payload], signature)) {
    throw new DispatchSignatureInvalidError();
  }
  // Skips the bracket before the first event, and the comma before each other.
  let end = 0;
  const batch = factsIn(header).map((facts) => {
    const start = end + 1;
    end = start + bytesIn(facts);
    return new SignedDispatch(facts, payload.subarray(start, end), keys);
  });
  if (end + 1 !== payload.length)
    throw new InvalidDispatchError('its events do not have the lengths that its header gives');
  return batch;
}

class SignedDispatch implements BatchedDispatch {
  constructor(
    private readonly facts: JsonObject,
    private readonly payload: Uint8Array,
    private readonly keys: SigningKeys,
  ) {}

  get workflowId(): string {
    const { workflowId } = this.facts;
    return typeof workflowId === 'string' ? workflowId : '';
  }

  read(): Dispatch {
    return dispatchOf(this.facts, this.payload);
  }

  alone(): Message {
    const { bytes: _, ...facts } = this.facts;
    return signedDispatch(asciiJson(facts), this.payload, this.keys);
  }
}

function factsIn(header: string): readonly JsonObject[] {
  const list = parseHeader(header);
  if (!Array.isArray(list) || !list.every(isJsonObject)) {
    throw new InvalidDispatchError('its header is no list of JSON objects');
  }
  return list;
}

function bytesIn({ bytes }: JsonObject): number {
  if (typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new InvalidDispatchError('its header lacks the length of an event');
}
