import { NOW, aDefinition, aPlan, aRun, aScope, aTask } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { begin } from '../run/begin.js';
import { advance } from '../run/advance.js';
import { validateDefinition } from '../validation/validate-definition.js';
import { BUILT_IN_TASKS } from './task-behaviours.js';

const SOURCE = 'return `$(params.a)` + $$(1) + "${input}"';

describe('a script task', () => {
  it('is handed out with its input resolved and its code as it is written', () => {
    const plan = aPlan([
      aTask('compute', 'script', ['start'], { source: SOURCE, input: { a: '$(params.a)' } }),
    ]);
    const scope = aScope({ a: 7, source: 'evil' });
    const { effects, state } = advance(plan, begin(plan, scope, NOW), scope, [], NOW);

    expect(effects).toMatchObject([
      { kind: 'call', type: 'script', params: { source: SOURCE, input: { a: 7 } } },
    ]);
    expect(state.waitingFor).toMatchObject([
      { kind: 'call', what: 'the end of the script of attempt 1' },
    ]);
  });

  it('may have code that would be no reference elsewhere', () => {
    const source = 'return $("a") + "cost$("';
    const definition = aDefinition([aTask('compute', 'script', ['start'], { source })]);

    expect(validateDefinition(definition, fakePatterns, BUILT_IN_TASKS)).toMatchObject({
      kind: 'valid',
    });
  });

  it('waits for its slot, which is no HTTP call', () => {
    const plan = aPlan([aTask('compute', 'script', ['start'], { source: 'return 1' })]);
    const scope = aScope();
    const outcome = { kind: 'postponed', delayMs: 500 } as const;
    const result = { task: 'compute', attempt: 1, outcome };
    const { state } = advance(plan, aRun(plan), scope, [{ kind: 'task-result', result }], NOW);

    expect(state.waitingFor).toMatchObject([
      { kind: 'slot', what: expect.stringContaining('a slot for the script') as string },
    ]);
  });

  it.each([
    ['no source', {}, 'script needs a parameter "source"'],
    ['blanks alone', { source: ' \n' }, 'must be a text'],
    ['a number', { source: 5 }, 'must be a text'],
    [
      'a slip',
      { source: 'return 1', inputs: 1 },
      'takes no parameter "inputs" (did you mean "input"?)',
    ],
  ])('needs code: %s', (_what, params, expected) => {
    const definition = aDefinition([aTask('compute', 'script', ['start'], params)]);
    const checked = validateDefinition(definition, fakePatterns, BUILT_IN_TASKS);

    expect(JSON.stringify(checked)).toContain(JSON.stringify(expected).slice(1, -1));
  });
});
