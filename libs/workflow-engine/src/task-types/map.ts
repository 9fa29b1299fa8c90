import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import {
  MAP_ITEM_CHARS_MAX,
  MAP_ITEMS_MAX,
  MAP_PARALLEL_DEFAULT,
  MAP_PARALLEL_MAX,
  NAME_CHARS_MAX,
} from '../bounds.js';
import { fitsAsJson, textOf } from '../json.js';
import { firstStep, type MapPlan, receiveOfMap } from './map-steps.js';
import { countRule, readCount, textRule } from './param-rules.js';
import { flagRule, PARAMS_RULE, readFlag } from './run-workflow.js';
import { invalidParam, type ParamRule, type TaskBehaviour } from './task-behaviour.js';

const RULES: ReadonlyMap<string, ParamRule> = new Map([
  [
    'over',
    {
      required: true,
      about: 'The list: a run for each item, which has `item` and `index` as parameters.',
      schema: { type: 'array', maxItems: MAP_ITEMS_MAX },
      problem: (value) =>
        isJsonArray(value) && value.length <= MAP_ITEMS_MAX && value.every(isSmall)
          ? undefined
          : `must be a list of at most ${MAP_ITEMS_MAX} items, each of at most ${MAP_ITEM_CHARS_MAX} characters as JSON`,
    },
  ],
  [
    'workflow',
    textRule('Of which workflow, by its id or its name.', NAME_CHARS_MAX, { required: true }),
  ],
  ['params', { ...PARAMS_RULE, about: 'What each of them gets besides.' }],
  [
    'maxParallel',
    countRule(`Runs at the same time; ${MAP_PARALLEL_DEFAULT} by default.`, MAP_PARALLEL_MAX),
  ],
  [
    'failFast',
    flagRule('Whether the first that fails ends the task (true, the default), or all are run.'),
  ],
]);

/** A run of another workflow for each item of a list, so many at a time, and their results in its order. */
export const map: TaskBehaviour = {
  about: 'Begins a run of another workflow for each item of a list, so many at a time.',
  params: RULES,
  waits: true,
  resultNames: ['count', 'succeeded', 'failed', 'results'],
  reach: (params, context) => invalidParam(params, RULES) ?? firstStep(planOf(params), context),
  receive: (waiting, input, context) =>
    receiveOfMap(waiting, input, context, () => planOf(context.params() ?? {})),
};

function planOf(params: JsonObject): MapPlan {
  const { over = [], params: given = {}, maxParallel, failFast = true } = params;
  const max = maxParallel === undefined ? undefined : readCount(maxParallel, MAP_PARALLEL_MAX);
  return {
    items: isJsonArray(over) ? over : [],
    workflow: textOf(params['workflow'] ?? ''),
    params: isJsonObject(given) ? given : {},
    parallelMax: max ?? MAP_PARALLEL_DEFAULT,
    failFast: readFlag(failFast) ?? true,
  };
}

function isSmall(item: JsonValue): boolean {
  return fitsAsJson(item, MAP_ITEM_CHARS_MAX);
}
