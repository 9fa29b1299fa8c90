import { Buffer } from 'node:buffer';
import { ActivityTooLargeError } from '../errors.js';
import { storedBytes } from '../storage/stored-fields.js';
import { type RecordedDocument } from './activity-document.js';
import { type StateFields } from './activity-mapping.js';

/** Event, state and inbox share a document, which MongoDB lets be 16 MiB. */
export const EVENT_BYTES_MAX = 4 * 1024 ** 2;
export const STATE_BYTES_MAX = 8 * 1024 ** 2;

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

/**
 * About how many bytes the state takes in MongoDB.
 * @throws ActivityTooLargeError
 */
export function checkedStateBytes(id: string, fields: StateFields): number {
  const { run, tasks, waitingFor = [], failure = {} } = fields;
  const parts = [run, failure, ...tasks, ...waitingFor];
  const bytes = parts.reduce((sum, part) => sum + storedBytes(part), 0);
  if (bytes > STATE_BYTES_MAX) throw new ActivityTooLargeError(id, 'state', bytes, STATE_BYTES_MAX);
  return bytes;
}
