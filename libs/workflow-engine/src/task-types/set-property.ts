import { type JsonValue } from '@app/json';
import { paramNameProblem } from '../definition/names.js';
import { type ParamRule, type TaskBehaviour } from './task-behaviour.js';

const NO_STRING = 'must be a string';

const output: ParamRule = {
  required: true,
  about: 'The name of the result.',
  schema: { type: 'string' },
  problem: outputProblem,
};
const value: ParamRule = {
  required: true,
  about: 'Its value, of any kind.',
  problem: () => undefined,
};

/** Puts `value` into the results of the whole run, under the name `output`; the last one wins. */
export const setProperty: TaskBehaviour = {
  about: 'Puts a value into the results of the whole run; the last one of a name counts.',
  params: new Map([
    ['output', output],
    ['value', value],
  ]),
  resultNames: [],
  reach: (params) => {
    const name = params['output'] ?? null;
    const detail = outputProblem(name);
    if (typeof name !== 'string' || detail !== undefined) {
      return { kind: 'invalid', param: 'output', detail: detail ?? NO_STRING };
    }
    return { kind: 'done', runResults: { [name]: params['value'] ?? null } };
  },
};

function outputProblem(candidate: JsonValue): string | undefined {
  return typeof candidate === 'string' ? paramNameProblem(candidate) : NO_STRING;
}
