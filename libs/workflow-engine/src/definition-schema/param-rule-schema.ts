import { type JsonObject } from '@app/json';
import { type ParamRule } from '../task-types/task-behaviour.js';

const REFERENCE = { type: 'string', pattern: '\\$\\(' } as const;

/** The schema of parameters, or of the members of one, by their rules. */
export function paramsSchema(rules: ReadonlyMap<string, ParamRule>): JsonObject {
  const required = requiredIn(rules);
  return {
    type: 'object',
    properties: Object.fromEntries([...rules].map(([name, rule]) => [name, paramSchema(rule)])),
    additionalProperties: false,
    ...(required.length > 0 && { required }),
  };
}

export function requiredIn(rules: ReadonlyMap<string, ParamRule>): readonly string[] {
  return [...rules].filter(([, rule]) => rule.required).map(([name]) => name);
}

/** The schema of a value. Instead of it there may be a reference, except for an object that is written out. */
export function paramSchema({ about, schema, members }: ParamRule): JsonObject {
  const described = about !== undefined && { description: about };
  if (members !== undefined) return { ...described, ...paramsSchema(members) };
  return schema === undefined ? { ...described } : { ...described, anyOf: [schema, REFERENCE] };
}
