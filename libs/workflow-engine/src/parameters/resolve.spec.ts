import fc from 'fast-check';
import { anyText } from '@app/errors/testing';
import { type JsonObject, type JsonValue } from '@app/json';
import { type ActivityState } from '../state/activity-state.js';
import { type Param } from '../definition/definition.js';
import { aScope, NOW } from '../testing/builders.js';
import { type Sources, type RunScope } from './find-value.js';
import { paramTemplates } from '../task-types/param-templates.js';
import { resolveParams, type Resolution } from './resolve.js';

const TASKS: ActivityState['tasks'] = {
  'my task': {
    status: 'succeeded',
    attempt: 1,
    startedAt: NOW,
    endedAt: NOW,
    results: { body: { items: [{ id: 7 }] }, statusCode: 200 },
  },
  gone: { status: 'skipped', endedAt: NOW },
};

function resolutionOf(
  values: JsonObject,
  params: JsonObject = {},
  rest: Partial<RunScope> = {},
  defaults: JsonObject = {},
): Resolution {
  const list: Param[] = Object.entries(values).map(([name, value]) => ({ name, value }));
  const scope = aScope(params, rest);
  const sources: Sources = {
    scope,
    given: params,
    secretParams: new Set(),
    pathStepsMax: 1_000,
    defaults,
    tasks: TASKS,
  };
  return resolveParams(paramTemplates(list, 'params', () => undefined).ordered, sources);
}

function resolved(value: JsonValue, params: JsonObject = {}): JsonValue | undefined {
  const resolution = resolutionOf({ value }, params);
  return resolution.kind === 'resolved' ? resolution.params['value'] : undefined;
}

describe('a parameter that is exactly one reference', () => {
  it('keeps the type of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as JsonValue;

        expect(resolved('$(params.x)', { x: json })).toEqual(json);
      }),
    );
  });

  it.each([
    ['$(params.city)', 'Rome'],
    ['$(params.list[1].name)', 'b'],
    ["$(params.odd['a.b'])", 1],
    ['$(params.odd["c)d"])', 2],
    ["$(params['top.level'])", 3],
    ['$(tasks.my task.results.body.items[0].id)', 7],
    ["$(tasks['my task'].results.statusCode)", 200],
    ['$(context.params.workflowrun-ref)', 'activity-1'],
    ['$(params.nothing)', null],
  ])('%s finds %j', (text, value) => {
    const params = {
      city: 'Rome',
      list: [{ name: 'a' }, { name: 'b' }],
      odd: { 'a.b': 1, 'c)d': 2 },
      'top.level': 3,
      nothing: null,
    };

    expect(resolved(text, params)).toEqual(value);
  });
});

describe('a reference inside a text', () => {
  it.each([
    ['in $(params.x)!', 'Rome', 'in Rome!'],
    ['in $(params.x)!', 5, 'in 5!'],
    ['in $(params.x)!', null, 'in null!'],
    ['in $(params.x)!', { a: ['"'] }, 'in {"a":["\\""]}!'],
    ['$(params.x)$(params.x)', 'ab', 'abab'],
    [' $(params.x)', 1, ' 1'],
  ])('turns %j with %j into %j', (text, x, value) => {
    expect(resolved(text, { x })).toBe(value);
  });

  it('is replaced by its value, whatever characters it has', () => {
    fc.assert(
      fc.property(anyText(), (x) => {
        expect(resolved({ deep: ['<$(params.x)>'] }, { x })).toEqual({ deep: [`<${x}>`] });
      }),
    );
  });

  it('is not resolved again when its value looks like one', () => {
    expect(resolved('<$(params.x)>', { x: '$(params.y)', y: 1 })).toBe('<$(params.y)>');
    expect(resolved('$(params.x)', { x: '$(params.y)', y: 1 })).toBe('$(params.y)');
  });

  it.each([
    ['$$(params.x)', '$(params.x)'],
    ['a $$(b) $(params.x)', 'a $(b) 1'],
    ['$(params.x)$$(params.x)', '1$(params.x)'],
    ['$5 and $', '$5 and $'],
    ['$$5', '$$5'],
  ])('escapes %j to %j', (text, value) => {
    expect(resolved(text, { x: 1 })).toBe(value);
  });
});

describe('an object or array', () => {
  it('is resolved at every depth, its names taken as they are', () => {
    const value = { a: ['$(params.x)', { '$(params.x)': '$(params.x)!' }], b: 1 };

    expect(resolved(value, { x: 2 })).toEqual({ a: [2, { '$(params.x)': '2!' }], b: 1 });
  });

  it('with a member __proto__ has it as a member and changes no prototype', () => {
    const value = JSON.parse('{"__proto__":{"polluted":"$(params.x)"}}') as JsonValue;

    const result = resolved(value, { x: 1 });

    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":1}}');
    expect(({} as JsonObject)['polluted']).toBeUndefined();
  });
});

describe('precedence', () => {
  const layers = ['context', 'event', 'workflow', 'team', 'global'] as const;

  it.each(layers.map((layer, at) => [layer, layers.slice(at)] as const))(
    '%s comes before the layers after it',
    (layer, present) => {
      const of = (name: (typeof layers)[number]): JsonObject =>
        present.includes(name) ? { x: name } : {};
      const rest = { context: of('context'), team: of('team'), global: of('global') };

      const resolution = resolutionOf({ v: '$(params.x)' }, of('event'), rest, of('workflow'));

      expect(resolution).toEqual({ kind: 'resolved', params: { v: layer } });
    },
  );

  it('puts the parameters of the same task between context and event', () => {
    const values = { b: '$(params.a)', a: 'own', c: '$(params.d)', d: 'own' };

    const { params } = resolutionOf(values, { a: 'event' }, { context: { d: 'context' } }) as {
      params: JsonObject;
    };

    expect(params).toEqual({ a: 'own', b: 'own', c: 'context', d: 'own' });
  });

  it('resolves a parameter that refers to its own name to the outer one', () => {
    expect(resolved('<$(params.value)>', { value: 'event' })).toBe('<event>');
  });

  it.each([
    ['workflow', 'event'],
    ['team', 'team'],
    ['global', 'global'],
    ['context', 'context'],
  ])('does not matter to $(%s.params.x), which has %s', (scope, value) => {
    const rest = { context: { x: 'context' }, team: { x: 'team' }, global: { x: 'global' } };

    const resolution = resolutionOf({ v: `$(${scope}.params.x)` }, { x: 'event' }, rest, {
      x: 'workflow',
    });

    expect(resolution).toMatchObject({ params: { v: value } });
  });
});

describe('a reference without a value', () => {
  it.each([
    '$(params.unknown)',
    '$(params.text.length)',
    '$(params.text[0])',
    '$(params.list[9])',
    '$(params.list.length)',
    '$(params.__proto__)',
    '$(params.constructor.name)',
    '$(params.object.constructor)',
    '$(params.object.__proto__)',
    '$(params.list.map)',
    '$(team.params.x)',
    '$(tasks.gone.results.body)',
    '$(tasks.my task.results.toString)',
  ])('%s is a failure that names it', (text) => {
    const resolution = resolutionOf(
      { v: ['x', `in ${text}`] },
      {
        text: 'abc',
        list: [1],
        object: { a: 1 },
      },
    );

    expect(resolution).toMatchObject({ kind: 'unresolved', code: 'PARAM_UNRESOLVED' });
    expect(resolution).toHaveProperty('message', `${text} has no value`);
  });

  it.each([
    ['$(params.ordrId)', 'orderId'],
    ['$(workflow.params.orderid)', 'orderId'],
    ['$(params.custmer)', 'customer'],
    ['$(params.urll)', 'url'],
    ['$(params.workflowrun-id)', undefined],
    ['$(tasks.my task.results.boddy)', 'body'],
    ['$(params.orderId.di)', undefined],
    ['$(params.regoin)', undefined],
    ['$(global.params.regoin)', undefined],
  ])('%s has %j told beside, of what the run has itself', (text, meant) => {
    const values = { url: 'x', v: text };
    const scope = { global: { region: 'eu' } };
    const resolution = resolutionOf(values, { orderId: {} }, scope, { customer: 1 });

    const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
    expect(resolution).toHaveProperty('message', `${text} has no value${hint}`);
  });
});

describe('the size of the parameters', () => {
  const half = 'x'.repeat(600_000);

  it.each([
    ['in one text', { a: '$(params.half)$(params.half)' }],
    ['in one array', { a: ['$(params.half)', '$(params.half)'] }],
    ['in two parameters', { a: '$(params.half)', b: '$(params.half)' }],
    ['through each other', { a: '$(params.half)', b: '$(params.a)' }],
  ])('is bounded %s', (_where, values) => {
    expect(resolutionOf(values, { half })).toMatchObject({ code: 'PARAM_TOO_LARGE' });
  });

  it('within the bound is fine', () => {
    expect(resolved('$(params.half)', { half })).toBe(half);
  });

  it('is refused before an exponential text is built', () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [
        `p${at}`,
        at === 0 ? '$(params.seed)' : `$(params.p${at - 1})$(params.p${at - 1})`,
      ]),
    );

    expect(resolutionOf(doubling, { seed: 'x' })).toMatchObject({ code: 'PARAM_TOO_LARGE' });
  });
});
