import { DefinitionInvalidError } from '../errors.js';
import { aDefinition, anHttpTask, aTask } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { validateDefinition } from '../validation/validate-definition.js';
import { compile } from './compile.js';
import { type Plan } from './plan.js';

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

  it.each<[body: string, uses: Plan['uses']]>([
    ['none', { parameters: false, secrets: false }],
    ['$(params.required) $(params.preset) $(params.card)', { parameters: false, secrets: false }],
    ['$(workflow.params.optional)', { parameters: false, secrets: false }],
    ['$(params.optional)', { parameters: true, secrets: false }],
    ['$(params.unsaid)', { parameters: true, secrets: false }],
    ['$(params.emptied)', { parameters: true, secrets: false }],
    ['$(global.params.required)', { parameters: true, secrets: false }],
    ['$(secrets.key)', { parameters: false, secrets: true }],
  ])('names what of the installation a run may need: %s', (body, uses) => {
    const params = [
      { name: 'required', required: true },
      { name: 'preset', default: 0 },
      { name: 'card', type: 'string', secret: true },
      { name: 'optional' },
      // Null is no value of a type, so this is no default.
      { name: 'emptied', type: 'number', default: null },
    ] as const;
    const call = aTask('call', 'http', ['start'], { url: 'https://a.example/', body });
    const definition = aDefinition([call], ['call'], { params });

    expect(compile(definition, fakePatterns, TEST_TASKS).uses).toEqual(uses);
  });

  it.each([
    ['without an end', { tasks: [] }],
    ['with a type that it lacks', aDefinition([{ name: 'nap', type: 'from-a-later-release' }])],
  ])('refuses a definition %s: no run could begin', (_, definition) => {
    expect(() => compile(definition, fakePatterns, TEST_TASKS)).toThrow(DefinitionInvalidError);
  });
});
