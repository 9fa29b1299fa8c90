import { Buffer } from 'node:buffer';
import { isSameJson, canonicalJson, toJsonText } from '@app/json';
import { type CloudEvent, type EventData } from './cloud-event.js';
import { createHash, hash } from 'node:crypto';

/**
 * Whether an event with a known id is the same event again (docs/design.md#same-event-again): type, subject and data
 * are equal. `time` and trace may differ, since senders make new ones when they retry. JSON is compared by value.
 */
export function isSameEvent(a: CloudEvent, b: CloudEvent): boolean {
  return a.type === b.type && a.subject === b.subject && isSameData(a.data, b.data);
}

function isSameData(a: EventData | undefined, b: EventData | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  switch (a.kind) {
    case 'json':
      return b.kind === 'json' && (a.text === b.text || isSameJson(a.value, b.value));
    case 'text':
      return b.kind === 'text' && a.text === b.text;
    case 'binary':
      return b.kind === 'binary' && Buffer.compare(a.bytes, b.bytes) === 0;
  }
}

/**
 * SHA-256 of what `isSameEvent` compares, in base64: equal exactly for the same events. Undefined where a digest
 * can't decide (`canonicalJson`).
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
      // Escaped as in JSON: lone surrogates, which have no UTF-8, stay distinct.
      return toJsonText(data.text);
    case 'binary':
      return data.bytes;
  }
}

/**
 * The id of the activity that an event starts on a workflow: SHA-256, as 64 hex digits, of the JSON array
 * `[workflowId, source, id]`. An array, because concatenated parts could collide. The id makes starting idempotent:
 * the same event always has the same activity.
 */
export function activityIdOf(workflowId: string, source: string, eventId: string): string {
  return hash('sha256', JSON.stringify([workflowId, source, eventId]));
}

/**
 * The id of the activity of a retry, so that each attempt is created once.
 *
 * @param first the activity that an event or a task began
 * @param attempt from 2
 */
export function retryActivityIdOf(first: string, attempt: number): string {
  return hash('sha256', JSON.stringify(['retry', 'of', first, attempt]));
}

/**
 * The id of the run that an attempt of a task begins, whatever its workflow, so that it is created once. It is made
 * of four parts or more, and that of an event of three, so they never collide.
 *
 * @param index of the item that it is for, where the task begins many
 */
export function childActivityIdOf(
  parent: string,
  task: string,
  attempt: number,
  index?: number,
): string {
  const of = index === undefined ? [] : [index];
  return hash('sha256', JSON.stringify(['child', parent, task, attempt, ...of]));
}
