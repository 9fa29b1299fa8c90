import { type JsonObject, type JsonValue } from '@app/json';
import { resolveParams, type Resolution } from '../parameters/resolve.js';
import { type ActivityState } from '../state/activity-state.js';
import { paramTemplates } from '../task-types/param-templates.js';
import { aScope, NOW } from './builders.js';

/** What the parameter `value` of a task comes to, in a run that has just begun. @throws Error if it is malformed */
export function resolutionIn(
  value: JsonValue,
  params: JsonObject,
  tasks: ActivityState['tasks'],
): Resolution {
  const { ordered } = paramTemplates([{ name: 'value', value }], 'params', (_, detail) => {
    throw new Error(detail);
  });
  const scope = aScope(params);
  const sources = { scope, given: params, secretParams: new Set<string>(), defaults: {}, tasks };
  return resolveParams(ordered, { ...sources, startedAt: NOW });
}
