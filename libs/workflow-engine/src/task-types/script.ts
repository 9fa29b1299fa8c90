import { type JsonValue } from '@app/json';
import { SCRIPT_TIMEOUT_MS_DEFAULT } from '../bounds.js';
import { type ParamRule, type TaskBehaviour } from './task-behaviour.js';

const SOURCE_RULE = 'must be a text: the JavaScript of a function that gets `input`';

const source: ParamRule = {
  required: true,
  about: 'JavaScript: the body of a function that gets `input` and returns the results.',
  schema: { type: 'string', minLength: 1 },
  problem: sourceProblem,
  verbatim: true,
};
const input: ParamRule = {
  required: false,
  about:
    'What the function gets, of any kind; references belong here, and mean nothing in the code.',
  problem: () => undefined,
};

/** Runs JavaScript in a sandbox of the process that drives. */
export const script: TaskBehaviour = {
  about: 'Computes results with JavaScript, in a sandbox.',
  params: new Map([
    ['source', source],
    ['input', input],
  ]),
  main: 'source',
  resultNames: 'any',
  reach: ({ source: code = null, input: given = null }) => {
    const detail = sourceProblem(code);
    if (typeof code !== 'string' || detail !== undefined) {
      return { kind: 'invalid', param: 'source', detail: detail ?? SOURCE_RULE };
    }
    const params = { source: code, input: given };
    const timeoutMsDefault = SCRIPT_TIMEOUT_MS_DEFAULT;
    return { kind: 'effect', effect: { kind: 'call', type: 'script', params, timeoutMsDefault } };
  },
};

function sourceProblem(candidate: JsonValue): string | undefined {
  return typeof candidate === 'string' && candidate.trim() !== '' ? undefined : SOURCE_RULE;
}
