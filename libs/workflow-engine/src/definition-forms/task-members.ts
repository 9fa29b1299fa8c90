import { type JsonObject } from '@app/json';

/** What a task of the short form may have besides its type. */
export const SHORT_TASK_MEMBERS: readonly string[] = ['needs', 'timeout', 'retry'];

/** Members of `retry` that are durations, with their names in the long form. */
export const SHORT_RETRY_DURATIONS: ReadonlyMap<string, string> = new Map([
  ['delay', 'delayMs'],
  ['delayMax', 'delayMsMax'],
]);

export const SHORT_RETRY_MEMBERS: readonly string[] = [
  'attemptsMax',
  'backoff',
  'jitter',
  'delays',
  'when',
  'then',
  ...SHORT_RETRY_DURATIONS.keys(),
];

/** The same of a whole run. */
export const SHORT_RUN_RETRY_MEMBERS: readonly string[] = SHORT_RETRY_MEMBERS.map((name) =>
  name === 'then' ? 'from' : name,
);

/** The task types by name, with the parameter that a value which is no object stands for. */
export type TaskTypeForms = ReadonlyMap<string, { readonly main?: string | undefined }>;

/** The type that a task of the short form names, by being a member of it; the first, if there are several. */
export function typeIn(task: JsonObject, types: TaskTypeForms): string | undefined {
  return Object.keys(task).find((name) => types.has(name));
}
