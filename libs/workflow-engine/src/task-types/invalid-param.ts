import { type JsonObject } from '@app/json';
import { type ParamRule, type Reached } from './task-behaviour.js';

/** What is wrong with resolved parameters, as far as their rules say; undefined when nothing is. */
export function invalidParam(
  params: JsonObject,
  rules: ReadonlyMap<string, ParamRule>,
): Extract<Reached, { kind: 'invalid' }> | undefined {
  for (const [param, rule] of rules) {
    const value = params[param] ?? (rule.required ? null : undefined);
    const detail = value === undefined ? undefined : rule.problem(value);
    if (detail !== undefined) return { kind: 'invalid', param, detail };
  }
  return undefined;
}
