import { Buffer } from 'node:buffer';
import { type JsonObject, type JsonValue, toJsonText } from '@app/json';
import { type TaskState } from '@app/workflow-engine';
import { isTextBeside, storedBytes, type StoredFields } from '../../storage/stored-fields.js';
import { TEXT_BESIDE_BYTES_MIN } from '../beside/texts-to-write.js';

/** About how many bytes something takes in its activity, and beside it. */
export interface Size {
  readonly within: number;
  readonly beside: number;
}

/**
 * States never change, and most of a state is the same from one step to the next: what was stored or
 * read once is not written out again only to know its length.
 */
const SIZES = new WeakMap<object, Size>();
/** Results of runs that are on record member by member. Not known is as good as not so. */
const MEMBER_BY_MEMBER = new WeakSet<JsonObject>();

/** As it is stored. In a list results are missing: then it is not known. */
export function rememberSize(task: TaskState, size: Size): void {
  SIZES.set(task, size);
}

/** Of a task in the form that it is stored in. */
export function sizeAsStored(fields: StoredFields): Size {
  const { results } = fields;
  const beside = isTextBeside(results) ? results.bytes : 0;
  return { within: storedBytes(fields), beside };
}

/** @param store makes the form that it is stored in, if its size is not known yet */
export function sizeOfTask(task: TaskState, store: () => StoredFields): Size {
  const known = SIZES.get(task);
  if (known !== undefined) return known;
  const size = sizeAsStored(store());
  SIZES.set(task, size);
  return size;
}

/** Of a member of the run's results, and of any other value in its state. */
export function sizeOfValue(value: JsonValue | object | undefined): Size {
  if (typeof value === 'string') return sizeOf(Buffer.byteLength(value) + 2);
  if (typeof value !== 'object' || value === null) return sizeOf(16);
  const known = SIZES.get(value);
  if (known !== undefined) return known;
  const size = sizeOf(Buffer.byteLength(toJsonText(value)));
  SIZES.set(value, size);
  return size;
}

function sizeOf(bytes: number): Size {
  return bytes > TEXT_BESIDE_BYTES_MIN
    ? { within: 0, beside: bytes }
    : { within: bytes, beside: 0 };
}

export function rememberAsMembers(results: JsonObject): void {
  MEMBER_BY_MEMBER.add(results);
}

export function isMemberByMember(results: JsonObject): boolean {
  return MEMBER_BY_MEMBER.has(results);
}
