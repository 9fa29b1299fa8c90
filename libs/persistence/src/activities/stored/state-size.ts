import { Buffer } from 'node:buffer';
import { type JsonObject, type JsonValue, toJsonText } from '@app/json';
import { type TaskState } from '@app/workflow-engine';
import { isTextBeside, storedBytes, type StoredFields } from '../../storage/stored-fields.js';
import { TEXT_BESIDE_BYTES_MIN } from '../beside/texts-to-write.js';

/** About how many bytes a value takes in the activity (`within`) and in the collection `results` (`beside`). */
export interface Size {
  readonly within: number;
  readonly beside: number;
}

/**
 * Sizes of values that were stored or read before. Values are immutable, and most of a state is the same
 * from one step to the next, so a value need not be serialized again only for its length.
 */
const SIZES = new WeakMap<object, Size>();
/** Results of runs that are stored member by member. If one is missing here, all its members are written again. */
const MEMBER_BY_MEMBER = new WeakSet<JsonObject>();

export function rememberSize(task: TaskState, size: Size): void {
  SIZES.set(task, size);
}

/** The size of a task in its stored form. */
export function sizeAsStored(fields: StoredFields): Size {
  const { results } = fields;
  const beside = isTextBeside(results) ? results.bytes : 0;
  return { within: storedBytes(fields), beside };
}

/** @param store makes the stored form; called only if the size is not known yet */
export function sizeOfTask(task: TaskState, store: () => StoredFields): Size {
  const known = SIZES.get(task);
  if (known !== undefined) return known;
  const size = sizeAsStored(store());
  SIZES.set(task, size);
  return size;
}

/** The size of one member of the run's results, or of another value of the state. */
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
