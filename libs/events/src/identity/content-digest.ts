import { createHash } from 'node:crypto';
import { canonicalJson, toJsonText } from '@app/json';
import { type CloudEvent, type EventData } from '../event/cloud-event.js';

/**
 * SHA-256 of what `isSameEvent` compares, in base64: two events have the same one exactly if they are
 * the same. Undefined where that can't be told from a digest (`canonicalJson`).
 */
export function contentDigest({ type, subject, data }: CloudEvent): string | undefined {
  const content = data ? contentOf(data) : '';
  if (content === undefined) return undefined;
  const attributes = toJsonText([type, subject ?? null, data?.kind ?? null]);
  return createHash('sha256').update(attributes).update(content).digest('base64');
}

function contentOf(data: EventData): string | Uint8Array | undefined {
  switch (data.kind) {
    case 'json':
      return canonicalJson(data.value);
    case 'text':
      // As it is in JSON: lone surrogates, which have no UTF-8, stay apart.
      return toJsonText(data.text);
    case 'binary':
      return data.bytes;
  }
}
