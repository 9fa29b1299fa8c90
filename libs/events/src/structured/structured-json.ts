import { Buffer } from 'node:buffer';
import { type CloudEvent, type EventData, contextAttributes } from '../event/cloud-event.js';

/** The media type of one event in the JSON format. */
export const STRUCTURED_CONTENT_TYPE = 'application/cloudevents+json; charset=utf-8';

/** An event in the JSON format. The text of its data is inserted as it is, and not serialized again. */
export function toStructuredJson(event: CloudEvent): string {
  const context = JSON.stringify(contextAttributes(event));
  return event.data ? `${context.slice(0, -1)},${dataMember(event.data)}}` : context;
}

function dataMember(data: EventData): string {
  switch (data.kind) {
    case 'json':
      return `"data":${data.text}`;
    case 'text':
      return `"data":${JSON.stringify(data.text)}`;
    case 'binary':
      return `"data_base64":"${base64Of(data.bytes)}"`;
  }
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
