import { anEvent, anEventWithoutData } from '@app/events/testing';
import { CompiledFilters } from '@app/filters';
import { type JsonValue } from '@app/json';
import { type Workflow } from '@app/persistence';
import { aWorkflow } from '@app/persistence/testing';
import fc from 'fast-check';
import { Subscriptions } from './subscriptions.js';

const subscriber = (id: string, filter?: JsonValue): Workflow =>
  aWorkflow({
    id,
    triggers: { event: { enabled: true, ...(filter !== undefined && { filter }) } },
  });

const idsOf = (workflows: readonly Workflow[]): readonly string[] =>
  workflows.map(({ id }) => id).toSorted();

describe(Subscriptions.name, () => {
  it('finds the workflows that match, and says why the others do not', () => {
    const workflows = [
      subscriber('all'),
      subscriber('type', { exact: { type: 'a' } }),
      subscriber('types', { any: [{ exact: { type: 'b' } }, { exact: { type: 'a' } }] }),
      subscriber('source', { all: [{ exact: { source: 's' } }, { prefix: { type: 'a' } }] }),
      subscriber('other', { exact: { type: 'b' } }),
      aWorkflow({ id: 'off', triggers: { event: { enabled: false } } }),
      { ...subscriber('inactive'), status: 'inactive' as const },
    ];
    const subscriptions = new Subscriptions(new CompiledFilters());
    const event = anEvent({ type: 'a', source: 's' });
    const matching = subscriptions.matching(workflows, event).wanting;

    expect(idsOf(matching)).toEqual(['all', 'source', 'type', 'types']);
    const others = workflows.filter((workflow) => !matching.includes(workflow));
    expect(subscriptions.reasons(others, event)).toEqual([
      {
        workflowId: 'other',
        reason: 'filter.exact.type does not hold ("b"): it is "a"',
      },
      { workflowId: 'off', reason: 'its trigger event is off' },
      { workflowId: 'inactive', reason: 'the workflow is inactive' },
    ]);
  });

  const value = fc.constantFrom('a', 'b', 'c');
  const { filter } = fc.letrec<{ filter: JsonValue }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      fc
        .tuple(fc.constantFrom('exact', 'prefix'), fc.constantFrom('type', 'source', 'id'), value)
        .map(([dialect, name, wanted]) => ({ [dialect]: { [name]: wanted } })),
      value.map((wanted) => ({ sql: `type = '${wanted}' OR source = '${wanted}'` })),
      fc
        .tuple(
          fc.constantFrom('all', 'any'),
          fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
        )
        .map(([dialect, filters]) => ({ [dialect]: filters })),
      tie('filter').map((inner) => ({ not: inner })),
    ),
  }));

  it('finds with its index what evaluating every filter finds, each workflow once', () => {
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 20 }), value, value, value, (stored, ...texts) => {
        const [type, source, id] = texts;
        const event = anEventWithoutData({ type, source, id });
        const filters = new CompiledFilters();
        const workflows = stored.map((one, at) => subscriber(`w${at}`, one));
        const asked = workflows.filter((_, at) => filters.of(stored[at] ?? null).matches(event));

        const found = new Subscriptions(filters).matching(workflows, event).wanting;
        expect(idsOf(found)).toEqual(idsOf(asked));
      }),
      { numRuns: 2_000 },
    );
  });

  it('evaluates only filters that could match', () => {
    const asked: string[] = [];
    const filters = new CompiledFilters();
    const of = filters.of.bind(filters);
    filters.of = (stored) => {
      const compiled = of(stored);
      return Object.create(compiled, {
        matches: {
          value: (...args: Parameters<typeof compiled.matches>) => {
            asked.push(JSON.stringify(stored));
            return compiled.matches(...args);
          },
        },
      }) as typeof compiled;
    };
    const workflows = Array.from({ length: 100 }, (_, at) =>
      subscriber(`w${at}`, { exact: { type: `t${at % 10}`, source: `s${at % 5}` } }),
    );

    const event = anEvent({ type: 't7', source: 's2' });
    expect(new Subscriptions(filters).matching(workflows, event).wanting).toHaveLength(10);
    expect(asked).toHaveLength(10);
  });
});
