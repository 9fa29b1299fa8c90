import { BUILT_IN_TASKS } from '../task-types/task-behaviours.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { type TaskDefinition } from '../definition/definition.js';
import { requirementsOf } from '../requirements.js';
import { compile } from '../plan/compile.js';
import { advance } from '../run/advance.js';
import { begin } from '../run/begin.js';
import { validateDefinition } from '../validation/validate-definition.js';

const NONCE = 'ab'.repeat(16);

function definitionOf(type: string, params: Readonly<Record<string, unknown>>) {
  const tasks = [
    { name: 'start', type: 'start' },
    {
      name: 'task',
      type,
      dependencies: [{ taskRef: 'start' }],
      params: Object.entries(params).map(([name, value]) => ({ name, value })),
    },
    { name: 'end', type: 'end', dependencies: [{ taskRef: 'task' }] },
  ];
  return { tasks: tasks as TaskDefinition[] };
}

function problemsOf(type: string, params: Readonly<Record<string, unknown>>): readonly string[] {
  const result = validateDefinition(definitionOf(type, params), fakePatterns, BUILT_IN_TASKS);
  return result.kind === 'valid' ? [] : result.problems.map(({ detail }) => detail);
}

const URL = 'https://a.example/';

describe('$(secrets.name)', () => {
  it.each([
    ['http', { url: `${URL}$(secrets.a)`, query: { a: '$(secrets.a)' }, body: ['$(secrets.a)'] }],
    ['http', { url: `${URL}$(url:secrets.a)`, headers: { a: 'Bearer $(secrets.a-b_C9)' } }],
    ['http', { url: URL, form: { a: '$(secrets.a)' } }],
    ['http', { url: URL, headers: [{ name: '$(params.n)', value: '$(secrets.a)' }] }],
  ])('may stand in what %s sends: %j', (type, params) => {
    expect(problemsOf(type, params)).toEqual([]);
  });

  it.each([
    ['set-property', { output: 'o', value: 'a $(secrets.a)' }, 'only in what a call sends'],
    ['decision', { value: '$(secrets.a)' }, 'only in what a call sends'],
    ['http', { url: URL, method: '$(secrets.a)' }, 'only in what a call sends'],
    ['http', { url: '$(secrets.a)/b' }, 'where a URL begins'],
    ['http', { url: URL, headers: [{ name: 'x-$(secrets.a)', value: '' }] }, 'name of a header'],
    ['http', { url: `${URL}$(secrets.a.b)` }, 'is no reference'],
    ['http', { url: URL, body: "$(secrets['a b'])" }, 'is no reference'],
  ])('is a problem of %s: %j', (type, params, detail) => {
    expect(problemsOf(type, params)).toEqual([expect.stringContaining(detail)]);
  });

  it('is a mark in the effect and in no state, and has no value without a nonce', () => {
    const params = { url: `${URL}$(secrets.a)`, body: { b: '$(secrets.a)', n: '$(params.n)' } };
    const plan = compile(definitionOf('http', params), fakePatterns, BUILT_IN_TASKS);
    const event = { params: { n: '$(secrets.a)' } };
    const scope = { event, context: {}, secretNonce: NONCE, versions: { workflow: 3 } };

    const { state, effects } = advance(plan, begin(plan, scope, 1), scope, [], 1);
    const without = advance(plan, begin(plan, scope, 1), { event, context: {} }, [], 1);

    const mark = `${NONCE}.a.`;
    expect(plan.uses).toEqual({ parameters: true, secrets: true });
    expect(effects[0]?.params).toMatchObject({
      url: URL + mark,
      body: { b: mark, n: '$(secrets.a)' },
    });
    expect(state.scope).toEqual({ workflow: 3 });
    expect(JSON.stringify(state)).not.toContain(NONCE);
    expect(without.state.tasks['task']).toMatchObject({ failure: { code: 'PARAM_UNRESOLVED' } });
  });

  it('requires a build that has secrets', () => {
    const uses = definitionOf('http', { url: URL, body: [{ a: 'x $(secrets.a)' }] });
    const escaped = definitionOf('http', { url: URL, body: '$$(secrets.a)' });

    expect(requirementsOf(uses)).toEqual(['language:2']);
    expect(requirementsOf(escaped)).toEqual([]);
  });
});
