import { type JsonObject } from '@app/json';
import { type WorkflowDefinition } from '../definition/definition.js';
import { compile } from '../plan/compile.js';
import { requirementsOf } from '../requirements.js';
import { advance } from '../run/advance.js';
import { begin } from '../run/begin.js';
import { BUILT_IN_TASKS } from '../task-types/task-behaviours.js';
import { aDefinition, aScope, aTask, NOW } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { validateDefinition } from '../validation/validate-definition.js';
import { secretMark } from './secret-mark.js';

const NONCE = 'ab'.repeat(16);
const URL = 'https://a.example/';
const CARD = { name: 'card', type: 'string', secret: true } as const;

function definitionOf(
  type: string,
  params: JsonObject,
  rest: Omit<WorkflowDefinition, 'tasks'> = { params: [CARD] },
): WorkflowDefinition {
  return aDefinition([aTask('task', type, ['start'], params)], ['task'], rest);
}

function problemsOf(definition: object): readonly string[] {
  const validation = validateDefinition(definition, fakePatterns, BUILT_IN_TASKS);
  return validation.kind === 'valid' ? [] : validation.problems.map(({ detail }) => detail);
}

describe('a secret parameter', () => {
  it('is a mark in what a call sends, and in no state', () => {
    const body = { card: '$(params.card)', same: '$(workflow.params.card)', n: '$(params.n)' };
    const plan = compile(definitionOf('http', { url: URL, body }), fakePatterns, BUILT_IN_TASKS);
    const scope = aScope({ card: '***', n: 1 }, { secretNonce: NONCE });

    const { effects, state } = advance(plan, begin(plan, scope, NOW), scope, [], NOW);

    const mark = secretMark(NONCE, 'card');
    expect(effects).toMatchObject([{ params: { body: { card: mark, same: mark, n: 1 } } }]);
    expect(JSON.stringify(state)).not.toContain(NONCE);
    expect(plan.uses).toEqual({ parameters: true, secrets: false });
  });

  it('has no value if the event brings none, whatever the installation has under its name', () => {
    const call = { url: URL, body: '$(params.card)' };
    const plan = compile(definitionOf('http', call), fakePatterns, BUILT_IN_TASKS);
    const scope = aScope({}, { secretNonce: NONCE, global: { card: 'other' } });

    const { state } = advance(plan, begin(plan, scope, NOW), scope, [], NOW);

    expect(state.tasks['task']).toMatchObject({
      status: 'failed',
      failure: { code: 'PARAM_UNRESOLVED' },
    });
  });

  it.each<[definition: WorkflowDefinition, detail: string]>([
    [definitionOf('set-property', { output: 'o', value: '$(params.card)' }), 'only in what a call'],
    [definitionOf('decision', { value: '$(workflow.params.card)' }), 'only in what a call'],
    [definitionOf('run-workflow', { workflow: 'w', params: { c: '$(params.card)' } }), 'only in'],
    [definitionOf('http', { url: '$(params.card)/b' }), 'where a URL begins'],
    [definitionOf('http', { url: URL, body: '$(params.card.a)' }), 'has no parts'],
    [definitionOf('http', { url: URL, body: '$(params.card[*])' }), 'has no parts'],
    [definitionOf('http', { url: URL, body: '$(lower(params.card))' }), 'a function'],
    [definitionOf('http', { url: URL, body: '$(secrets.card)' }), 'rename the parameter'],
    [
      definitionOf(
        'http',
        { url: URL },
        { params: [CARD], concurrency: { key: '$(params.card)' } },
      ),
      'a key is shown',
    ],
  ])('is a problem where it would be seen: %j', (definition, detail) => {
    expect(problemsOf(definition)).toEqual([expect.stringContaining(detail)]);
  });

  it.each([
    [{ name: 'card', secret: true }, 'is for type: string'],
    [{ ...CARD, default: 'x' }, "can't be said of a secret parameter"],
    [{ ...CARD, max: 5 }, "can't be said of a secret parameter"],
    [{ ...CARD, name: '_card' }, 'needs a name of at most 64'],
  ])('cannot be declared as %j', (spec, detail) => {
    expect(problemsOf({ ...aDefinition(), params: [spec] })).toEqual([
      expect.stringContaining(detail),
    ]);
  });

  it('needs a build that knows it', () => {
    expect(requirementsOf(definitionOf('http', { url: URL }))).toContain('language:4');
  });
});
