import { Buffer } from 'node:buffer';
import { ActivityTooLargeError } from '../errors.js';
import { storedBytes, toStored } from '../storage/stored-fields.js';
import { type RecordedDocument } from './stored/activity-document.js';
import { type Activity } from './activity.js';
import { stateBytes } from './stored/state-change.js';

/**
 * Event, state and inbox share a document, whose limit in MongoDB is 16 MiB. An event may take the largest body by
 * default (`BODY_BYTES_MAX`) and what its headers add.
 */
const EVENT_BYTES_MAX = 5 * 1024 ** 2;
const STATE_BYTES_MAX = 8 * 1024 ** 2;

/**
 * About how many bytes the event takes in MongoDB, with the request it came by.
 * @throws ActivityTooLargeError
 */
export function checkedEventBytes({ _id, event, request = {} }: RecordedDocument): number {
  const { id, source, type, subject, time, datacontenttype, dataschema, extensions } = event;
  const { data = '' } = event;
  const attributes = { id, source, type, subject, time, datacontenttype, dataschema };
  const dataBytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length();
  const bytes =
    storedBytes(attributes) + storedBytes(extensions) + dataBytes + storedBytes(request);
  if (bytes > EVENT_BYTES_MAX)
    throw new ActivityTooLargeError(_id, 'event', bytes, EVENT_BYTES_MAX);
  return bytes;
}

/** @throws ActivityTooLargeError when a state of so many bytes, with what lies beside it, is too large */
export function checkStateBytes(id: string, bytes: number): void {
  if (bytes > STATE_BYTES_MAX) throw new ActivityTooLargeError(id, 'state', bytes, STATE_BYTES_MAX);
}

/** About how many bytes attributes, ids and times take. */
const FRAME_BYTES = 1_024;

/** About how many bytes an activity takes in memory: event, state, inbox and outbox, each counted once. */
export function activityBytes({
  event,
  request,
  state,
  inbox = [],
  outbox = [],
}: Pick<Activity, 'event' | 'request' | 'state' | 'outbox'> &
  Partial<Pick<Activity, 'inbox'>>): number {
  const { data } = event ?? {};
  let bytes = FRAME_BYTES + (request === undefined ? 0 : FRAME_BYTES);
  if (data !== undefined) {
    bytes += data.kind === 'binary' ? data.bytes.length : Buffer.byteLength(data.text);
  }
  for (const kept of [...inbox, ...outbox]) bytes += storedBytes(toStored(kept));
  return state === undefined ? bytes : bytes + stateBytes(state);
}
