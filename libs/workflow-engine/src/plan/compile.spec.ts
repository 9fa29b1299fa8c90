import { DefinitionInvalidError } from '../errors.js';
import { aDefinition, anHttpTask } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { validateDefinition } from '../validation/validate-definition.js';
import { compile } from './compile.js';

describe(compile.name, () => {
  it('orders each task after all tasks it depends on', () => {
    const definition = aDefinition(
      [anHttpTask('c', ['b']), anHttpTask('b', ['a']), anHttpTask('a')],
      ['c'],
    );

    const { tasks } = compile(definition, fakePatterns, TEST_TASKS);

    expect(tasks.map(({ name }) => name)).toEqual(['start', 'a', 'b', 'c', 'end']);
  });

  it('accepts a saved definition that breaks a rule of a later release', () => {
    const long = { name: 'url', value: `https://x/${'y'.repeat(300_000)}` };
    const definition = aDefinition([{ ...anHttpTask('call'), params: [long], timeoutMs: 1e12 }]);
    expect(validateDefinition(definition, fakePatterns, TEST_TASKS).kind).toBe('invalid');

    const { tasks } = compile(definition, fakePatterns, TEST_TASKS);

    expect(tasks.map(({ name }) => name)).toEqual(['start', 'call', 'end']);
  });

  it.each([
    ['without an end', { tasks: [] }],
    ['with a type that it lacks', aDefinition([{ name: 'nap', type: 'from-a-later-release' }])],
  ])('refuses a definition %s: no run could begin', (_, definition) => {
    expect(() => compile(definition, fakePatterns, TEST_TASKS)).toThrow(DefinitionInvalidError);
  });
});
