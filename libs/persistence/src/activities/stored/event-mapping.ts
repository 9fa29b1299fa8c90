import { type CloudEvent, type EventData, makeEvent } from '@app/events';
import { parseJson } from '@app/json';
import { mongo } from 'mongoose';
import { fromStored, toStored } from '../../storage/stored-fields.js';
import { type EventDocument } from './activity-document.js';

/** Members are set one by one, as in `makeEvent`. `specversion` is not stored: it is always 1.0. */
export function toEventDocument(event: CloudEvent): EventDocument {
  const { id, source, type, subject, time, datacontenttype, dataschema, extensions, data } = event;
  const document: { -readonly [Name in keyof EventDocument]: EventDocument[Name] } = {
    id,
    source,
    type,
    extensions: toStored(extensions),
  };
  if (subject !== undefined) document.subject = subject;
  if (time !== undefined) document.time = time;
  if (datacontenttype !== undefined) document.datacontenttype = datacontenttype;
  if (dataschema !== undefined) document.dataschema = dataschema;
  if (data !== undefined) {
    document.dataKind = data.kind;
    document.data = toStoredData(data);
  }
  return document;
}

export function toEvent(document: EventDocument): CloudEvent {
  const extensions = fromStored(document.extensions) as CloudEvent['extensions'];
  return makeEvent(document, extensions, toEventData(document));
}

function toStoredData(data: EventData): string | mongo.Binary {
  return data.kind === 'binary' ? new mongo.Binary(data.bytes) : data.text;
}

function toEventData({ dataKind, data }: EventDocument): EventData | undefined {
  if (data === undefined || dataKind === undefined) return undefined;
  if (typeof data !== 'string') return { kind: 'binary', bytes: new Uint8Array(data.value()) };
  return dataKind === 'json'
    ? { kind: 'json', text: data, value: parseJson(data) }
    : { kind: 'text', text: data };
}
