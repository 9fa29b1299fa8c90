import { type WorkflowDefinition } from '../definition/definition.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { aDefinition, anHttpTask } from '../testing/builders.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { validateForm } from './validate-forms.js';

const URL = 'https://example.org/';

function valid(input: unknown): WorkflowDefinition {
  const validation = validateForm(input, fakePatterns, TEST_TASKS);
  if (validation.kind === 'valid') return validation.definition;
  throw new Error(JSON.stringify(validation.problems, undefined, 2));
}

function problemsOf(input: unknown): readonly string[] {
  const validation = validateForm(input, fakePatterns, TEST_TASKS);
  if (validation.kind === 'valid') return [];
  return validation.problems.map(({ path, detail }) => `${path ?? ''}: ${detail}`);
}

describe('a definition of 1,000 tasks', () => {
  const stepsOf = (count: number): WorkflowDefinition => {
    const steps = Array.from({ length: count }, (_, at) => {
      const before = at === 0 ? 'start' : `step-${at - 1}`;
      const url =
        at === 0
          ? URL
          : `${URL}$(tasks.${before}.results.statusCode)$(tasks.step-0.results.statusCode)`;
      return { ...anHttpTask(`step-${at}`, [before]), params: [{ name: 'url', value: url }] };
    });
    return aDefinition(steps);
  };

  it('is as large as one may be', () => {
    expect(valid(stepsOf(998)).tasks).toHaveLength(1_000);
    const refused = ['tasks: must be an array of at most 1000 entries, not 1001'];
    expect(problemsOf(stepsOf(999))).toEqual(refused);
    const names = Array.from({ length: 999 }, (_, at) => `step-${at}`);
    const tasks = Object.fromEntries(names.map((name) => [name, { decision: 'x' }]));
    expect(problemsOf({ tasks })).toEqual(refused);
  });
});
