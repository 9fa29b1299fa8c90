import {
  doubleOf,
  elementStarts,
  isJsonArray,
  isJsonObject,
  type JsonValue,
  valueStart,
  type ParsedJson,
} from '@app/json';
import { BatchTooLargeError, InvalidBatchError } from '../errors.js';
import { type EventLimits } from '../limits.js';
import { type RawEvent } from '../event/cloud-event.js';
import { readEnvelope } from '../structured/envelope.js';

/** The media type of events in the JSON batch format. */
export const BATCH_CONTENT_TYPE = 'application/cloudevents-batch+json; charset=utf-8';

/**
 * The events of a batch (JSON format 1.0.2, section 4), each with its own problems. An empty batch is valid; events
 * of different versions in one batch are not (core, section 1, "Message").
 *
 * @throws InvalidBatchError
 * @throws BatchTooLargeError
 */
export function readBatch({ text, value }: ParsedJson, limits: EventLimits): readonly RawEvent[] {
  if (!isJsonArray(value)) throw new InvalidBatchError('it must be a JSON array of events');
  if (value.length > limits.batchEventsMax) {
    throw new BatchTooLargeError(value.length, limits.batchEventsMax);
  }
  if (new Set(value.map(versionOf).filter((version) => version !== undefined)).size > 1) {
    throw new InvalidBatchError('all its events must have the same specversion');
  }
  const starts = elementStarts(text, valueStart(text));
  return value.map((envelope, index) => {
    return readEnvelope(envelope, { text, start: starts[index] ?? 0 }, limits);
  });
}

function versionOf(envelope: JsonValue): JsonValue | undefined {
  const version = isJsonObject(envelope) ? (envelope['specversion'] ?? undefined) : undefined;
  return doubleOf(version) ?? version;
}
