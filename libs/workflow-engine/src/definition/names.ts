import { NAME_CHARS_MAX } from '../bounds.js';

/** Names that would access an object's prototype instead of a member. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

const TASK_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_ -]*[A-Za-z0-9_-])?$/;
const PARAM_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/**
 * What is wrong with a task's name, or undefined. No dot or colon: a dot ends it in
 * `$(tasks.NAME.results.R)`, a colon in an idempotency key.
 */
export function taskNameProblem(name: string): string | undefined {
  return nameProblem(name, TASK_NAME, 'letters, digits, "-", "_" and inner spaces');
}

/** What is wrong with the name of a parameter or result, or undefined. */
export function paramNameProblem(name: string): string | undefined {
  return nameProblem(name, PARAM_NAME, 'letters, digits, "-" and "_", and no digit or "-" first');
}

function nameProblem(name: string, pattern: RegExp, allowed: string): string | undefined {
  if (name.length > NAME_CHARS_MAX) return `is longer than ${NAME_CHARS_MAX} characters`;
  if (!pattern.test(name)) return `may have only ${allowed}`;
  return RESERVED.has(name) ? 'is a reserved name' : undefined;
}
