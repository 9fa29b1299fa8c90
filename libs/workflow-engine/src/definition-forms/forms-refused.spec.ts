import { type JsonObject } from '@app/json';
import { fakePatterns } from '../testing/fake-patterns.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { validateForm } from './validate-forms.js';

const URL = 'https://example.org/';

function problemsOf(input: unknown): readonly string[] {
  const validation = validateForm(input, fakePatterns, TEST_TASKS);
  if (validation.kind === 'valid') return [];
  return validation.problems.map(({ path, detail }) => `${path ?? ''}: ${detail}`);
}

describe('a short form that is wrong', () => {
  it.each<readonly [string, JsonObject, string]>([
    ['no type', { a: { needs: [] } }, 'tasks.a: names no task type: start,'],
    [
      'a misspelt type',
      { a: { htpp: { url: URL } } },
      'tasks.a.htpp: is neither a task type nor one of needs, timeout, retry (did you mean "http"?)',
    ],
    [
      'two types',
      { a: { http: { url: URL }, decision: 'x' } },
      'tasks.a.decision: a task has one type',
    ],
    [
      'a type without a main parameter',
      { a: { 'run-scheduled-workflow': 'x' } },
      'tasks.a.run-scheduled-workflow: must be an object',
    ],
    ['no object', { a: 'http' }, 'tasks.a: must be an object with a task type'],
    [
      'an unknown task',
      { charge: { http: { url: URL } }, b: { http: { url: URL }, needs: 'chrage' } },
      'tasks.b.needs: no task has the name "chrage" (did you mean "charge"?)',
    ],
    [
      'an unknown task in a list',
      { a: { http: { url: URL }, needs: ['b'] } },
      'tasks.a.needs[0]: no task',
    ],
    [
      'needs of no kind',
      { a: { http: { url: URL }, needs: 5 } },
      'tasks.a.needs: must be the name of a task, a list',
    ],
    [
      'a condition of no kind',
      { a: { http: { url: URL } }, b: { http: { url: URL }, needs: { a: [5] } } },
      'tasks.b.needs.a: must be "success"',
    ],
    [
      'an unknown condition',
      { a: { http: { url: URL } }, b: { http: { url: URL }, needs: { a: 'sucess' } } },
      'tasks.b.needs.a: must be one of always, success, failure, timeout (did you mean "success"?)',
    ],
    [
      'a misspelt parameter',
      { a: { http: { url: URL, metod: 'GET' } } },
      'tasks.a.http.metod: http takes no parameter "metod" (did you mean "method"?)',
    ],
    [
      'a member of the task among the parameters',
      { a: { 'wait-for-event': { topic: 'paid', timeout: '3d' } } },
      'tasks.a.wait-for-event.timeout: wait-for-event takes no parameter "timeout": it stands beside the type',
    ],
    ['a wrong value', { a: { http: { url: 'nowhere' } } }, 'tasks.a.http.url: must be an http'],
    [
      'a reference to nobody',
      { a: { http: { url: URL, body: { x: ['$(tasks.b.results.x)'] } } } },
      'tasks.a.http.body: $(tasks.b.results.x): no task',
    ],
    [
      'no duration',
      { a: { http: { url: URL }, timeout: '5 minutes' } },
      'tasks.a.timeout: must be a duration',
    ],
    [
      'too long a time',
      { a: { http: { url: URL }, timeout: '2d' } },
      'tasks.a.timeout: must be a number from 1',
    ],
    [
      'milliseconds of the long form',
      { a: { http: { url: URL }, retry: { attemptsMax: 2, delayMs: 5 } } },
      'tasks.a.retry.delayMs: is not a known member (did you mean "delay"?)',
    ],
    [
      'delays that are none',
      { a: { http: { url: URL }, retry: { attemptsMax: 2, delays: ['1s', 5] } } },
      'tasks.a.retry.delays[1]: must be a duration of at least 1 ms',
    ],
    [
      'a retry without attempts',
      { a: { http: { url: URL }, retry: {} } },
      'tasks.a.retry.attemptsMax: is missing',
    ],
    [
      'an explicit end that joins nothing',
      { a: { http: { url: URL } }, over: { end: null } },
      'tasks.a: no path leads from it to end',
    ],
  ])('does not take %s', (_, tasks, problem) => {
    expect(problemsOf({ tasks })).toEqual(
      expect.arrayContaining([expect.stringContaining(problem) as string]),
    );
  });

  it.each<readonly [string, JsonObject, string]>([
    [
      'a misspelt member',
      { tasks: {}, parms: {} },
      'parms: is not a known member (did you mean "params"?)',
    ],
    [
      'the timeout of the long form',
      { tasks: {}, timeoutMs: 5 },
      'timeoutMs: is not a known member (did you mean "timeout"?)',
    ],
    ['parameters in a list', { tasks: {}, params: [{ name: 'a' }] }, 'params: must be an object'],
    [
      'a parameter that is a value',
      { tasks: {}, params: { a: 5 } },
      'params.a: must be an object: { default',
    ],
    [
      'a parameter with another name',
      { tasks: {}, params: { a: { name: 'b' } } },
      'params.a: must be an object',
    ],
  ])('does not take %s', (_, definition, problem) => {
    expect(problemsOf(definition)).toEqual([expect.stringContaining(problem) as string]);
  });

  it('says everything that is wrong at once', () => {
    const tasks = { a: { htpp: {} }, b: { http: {}, needs: 'c', timeout: 'x' } };

    expect(problemsOf({ tasks, paramz: 1 }).map((problem) => problem.split(':')[0])).toEqual([
      'paramz',
      'tasks.a.htpp',
      'tasks.b.timeout',
      'tasks.b.needs',
      'tasks.b',
      'tasks.b.http',
    ]);
  });
});
