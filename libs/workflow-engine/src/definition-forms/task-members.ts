import { type JsonObject } from '@app/json';
import { RETRY_DELAY_MS_MAX_DEFAULT } from '../bounds.js';

/** The members of a task of the short form besides its type. */
export const SHORT_TASK_MEMBERS: readonly string[] = ['needs', 'timeout', 'retry'];

/** Members of `retry` that are durations, with their names in the long form. */
export const SHORT_RETRY_DURATIONS: ReadonlyMap<string, string> = new Map([
  ['delay', 'delayMs'],
  ['delayMax', 'delayMsMax'],
]);

/** What `delayMax` is when it is left out: never less than `delay`, which it would cut short unseen. */
export function delayMsMaxDefault(delayMs: number): number {
  return Math.max(RETRY_DELAY_MS_MAX_DEFAULT, delayMs);
}

export const SHORT_RETRY_MEMBERS: readonly string[] = [
  'attemptsMax',
  'backoff',
  'jitter',
  'delays',
  'when',
  'then',
  ...SHORT_RETRY_DURATIONS.keys(),
];

/** The same for the `retry` of a whole run. */
export const SHORT_RUN_RETRY_MEMBERS: readonly string[] = SHORT_RETRY_MEMBERS.map((name) =>
  name === 'then' ? 'from' : name,
);

/** The task types by name, each with the parameter that gets a value which is no object. */
export type TaskTypeForms = ReadonlyMap<string, { readonly main?: string | undefined }>;

/** The type of a task of the short form: the first of its members that is the name of a task type. */
export function typeIn(task: JsonObject, types: TaskTypeForms): string | undefined {
  return Object.keys(task).find((name) => types.has(name));
}
