import { BUILT_IN_TASKS } from '../task-types/task-behaviours.js';
import { aDefinition } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { validateDefinition } from './validate-definition.js';

function problemsOfKey(key: string): string[] {
  const definition = { ...aDefinition(), concurrency: { key } };
  const validation = validateDefinition(definition, fakePatterns, BUILT_IN_TASKS);
  if (validation.kind === 'valid') return [];
  return validation.problems.map(({ path = '', detail }) => `${path}: ${detail}`);
}

it.each(['$(params.customer)', "$(lower(default(params.customer, 'none')))"])(
  'takes a key that the event gives: %s',
  (key) => {
    expect(problemsOfKey(key)).toEqual([]);
  },
);

it.each(['$(now())', 'at $(lower(now()))', "$(join(default(params.list, now()), '-'))"])(
  'refuses a key of a time that is not yet: %s',
  (key) => {
    expect(problemsOfKey(key)).toEqual([
      expect.stringMatching(
        /^concurrency\.key: .*now\(\).*: a run has not begun when its key is made$/,
      ),
    ]);
  },
);
