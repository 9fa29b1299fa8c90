import { type JsonObject, type JsonValue } from '@app/json';
import { PATH_STEPS_MAX } from '../bounds.js';
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
  const none = { secretParams: new Set<string>(), defaults: {} };
  const sources = { scope, given: params, ...none, pathStepsMax: PATH_STEPS_MAX, tasks };
  return resolveParams(ordered, { ...sources, startedAt: NOW });
}
