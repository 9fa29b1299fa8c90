import { type CloudEvent, type EventData, type JsonValue } from '@app/events';
import { mongo } from 'mongoose';
import { fromStored, toStored } from '../storage/stored-fields.js';
import { type EventDocument } from './activity-document.js';

type Attributes = Omit<EventDocument, 'extensions' | 'dataKind' | 'data'>;

export function toEventDocument(event: CloudEvent): EventDocument {
  const { extensions, data } = event;
  return {
    ...attributesOf(event),
    extensions: toStored(extensions),
    ...(data && { dataKind: data.kind, data: toStoredData(data) }),
  };
}

export function toEvent(document: EventDocument): CloudEvent {
  const data = toEventData(document);
  return {
    specversion: '1.0',
    ...attributesOf(document),
    extensions: fromStored(document.extensions) as CloudEvent['extensions'],
    ...(data && { data }),
  };
}

/** The context attributes, which are the same on both sides; `specversion` is always 1.0. */
function attributesOf(event: CloudEvent | EventDocument): Attributes {
  const { id, source, type, subject, time, datacontenttype, dataschema } = event;
  return {
    id,
    source,
    type,
    ...(subject !== undefined && { subject }),
    ...(time !== undefined && { time }),
    ...(datacontenttype !== undefined && { datacontenttype }),
    ...(dataschema !== undefined && { dataschema }),
  };
}

function toStoredData(data: EventData): string | mongo.Binary {
  return data.kind === 'binary' ? new mongo.Binary(data.bytes) : data.text;
}

function toEventData({ dataKind, data }: EventDocument): EventData | undefined {
  if (data === undefined || dataKind === undefined) return undefined;
  if (typeof data !== 'string') return { kind: 'binary', bytes: new Uint8Array(data.value()) };
  return dataKind === 'json'
    ? { kind: 'json', text: data, value: JSON.parse(data) as JsonValue }
    : { kind: 'text', text: data };
}
