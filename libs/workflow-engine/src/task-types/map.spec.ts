import fc from 'fast-check';
import { type JsonObject } from '@app/json';
import { CHILD_LOOK_MS_MAX, CHILD_LOOK_MS_MIN, MAP_ITEM_CHARS_MAX } from '../bounds.js';
import { type ActivityState, type Input } from '../state/activity-state.js';
import { type OutboxEntry } from '../state/outbox-entry.js';
import { validateDefinition } from '../validation/validate-definition.js';
import { aDefinition, aPlan, aRun, aScope, aTask, cancelled, NOW } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { advance } from '../run/advance.js';
import { begin } from '../run/begin.js';
import { type MapRequest } from './map-steps.js';

const OF = { at: NOW, task: 'each', attempt: 1 } as const;

function aMap(count: number, more: JsonObject = {}): ReturnType<typeof aPlan> {
  const over = Array.from({ length: count }, (_, item) => `item ${item}`);
  const params = { over, workflow: 'other', params: { order: 7 }, maxParallel: 3, ...more };
  return aPlan([aTask('each', 'map', ['start'], params)]);
}

function made(upTo: number): Input {
  return { kind: 'signal', signal: { ...OF, id: `made-${upTo}`, kind: 'children-made', upTo } };
}

function ended(index: number, status: 'succeeded' | 'failed' = 'succeeded'): Input {
  const child = `c${index}`;
  const signal = {
    ...OF,
    id: `ended-${index}`,
    kind: 'child-ended',
    child,
    index,
    status,
  } as const;
  return { kind: 'signal', signal: { ...signal, results: {} } };
}

function gathered(results?: readonly JsonObject[]): Input {
  const signal = { ...OF, id: 'results', kind: 'children-results' } as const;
  return { kind: 'signal', signal: { ...signal, ...(results && { results }) } };
}

/** A run that is told one thing after the other, and all that it told. */
class Mapping {
  state: ActivityState;
  readonly told: OutboxEntry[] = [];

  constructor(private readonly plan: ReturnType<typeof aPlan>) {
    this.state = begin(plan, aScope(), NOW);
    this.take();
  }

  take(...inputs: readonly Input[]): this {
    return this.takeAt(NOW + 1, ...inputs);
  }

  takeAt(now: number, ...inputs: readonly Input[]): this {
    const { state, outbox } = advance(this.plan, this.state, aScope(), inputs, now);
    this.state = state;
    this.told.push(...outbox);
    return this;
  }

  get task(): ActivityState['tasks'][string] | undefined {
    return this.state.tasks['each'];
  }

  /** The indexes that were asked for, in order. */
  get asked(): readonly number[] {
    return this.requests.flatMap(({ from, items }) => items.map((_, at) => from + at));
  }

  get requests(): readonly MapRequest[] {
    return this.told
      .filter(({ kind }) => kind === 'map-request')
      .map(({ payload }) => payload as unknown as MapRequest);
  }
}

describe('a map over a list', () => {
  it('asks for as many runs as may be at the same time, with item, index and parameters', () => {
    expect(new Mapping(aMap(5)).requests).toEqual([
      {
        ...{ task: 'each', attempt: 1, workflow: 'other', params: { order: 7 }, from: 0 },
        items: ['item 0', 'item 1', 'item 2'],
      },
    ]);
  });

  it('asks once for what all of them gave, however often it is told that they are made', () => {
    const mapping = new Mapping(aMap(2)).take(ended(0), ended(1), made(2), made(2)).take(made(2));

    expect(mapping.told.filter(({ kind }) => kind === 'map-collect')).toHaveLength(1);
  });

  it('asks for the next when one has ended, and those before are on record', () => {
    const mapping = new Mapping(aMap(6)).take(ended(1));
    expect(mapping.asked).toEqual([0, 1, 2]);

    mapping.take(made(3));
    expect(mapping.asked).toEqual([0, 1, 2, 3]);

    mapping.take(ended(0), ended(2), ended(3), made(4));
    expect(mapping.asked).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('asks for an eighth of what may be open at a time, and for the rest', () => {
    const mapping = new Mapping(aMap(103, { maxParallel: 80 })).take(made(80));
    const asked = (): readonly number[] =>
      mapping.told.flatMap(({ kind, payload }) =>
        kind === 'map-request' ? [(payload as MapRequest).items.length] : [],
      );
    const first = asked().length;

    for (let index = 0; index < 9; index += 1) mapping.take(ended(index));
    expect(asked()).toHaveLength(first);
    mapping.take(ended(9));
    expect(asked().slice(first)).toEqual([10]);

    mapping.take(made(90));
    for (let index = 10; index < 20; index += 1) mapping.take(ended(index));
    mapping.take(made(100));
    for (let index = 20; index < 23; index += 1) mapping.take(ended(index));
    expect(asked().slice(first)).toEqual([10, 10, 3]);
  });

  it('counts each once, however often its end is told', () => {
    const mapping = new Mapping(aMap(4)).take(made(3), ended(0), ended(0)).take(ended(0));

    expect(mapping.asked).toEqual([0, 1, 2, 3]);
    expect(mapping.task).toMatchObject({ status: 'waiting', on: { open: 3 } });
  });

  it('has the results of all in the order of the list', () => {
    const mapping = new Mapping(aMap(2)).take(made(2), ended(1), ended(0));
    expect(mapping.told.at(-1)).toMatchObject({ kind: 'map-collect', payload: { total: 2 } });

    mapping.take(gathered([{ sum: 1 }, { sum: 2 }]));

    expect(mapping.state).toMatchObject({ status: 'succeeded' });
    expect(mapping.task).toMatchObject({
      results: { count: 2, succeeded: 2, failed: 0, results: [{ sum: 1 }, { sum: 2 }] },
    });
    expect(mapping.state.holds).toBeUndefined();
  });

  it('has counts alone where the results are too large', () => {
    const { task } = new Mapping(aMap(1)).take(made(1), ended(0), gathered());

    expect(task).toMatchObject({ results: { count: 1, succeeded: 1, failed: 0 } });
    expect(task).not.toHaveProperty('results.results');
  });

  it('is done at once for an empty list', () => {
    const mapping = new Mapping(aMap(0));

    expect([mapping.told, mapping.state.status]).toEqual([[], 'succeeded']);
    expect(mapping.task).toMatchObject({ results: { count: 0, results: [] } });
  });

  it('fails with the first that fails, and cancels those that are open', () => {
    const mapping = new Mapping(aMap(9)).take(made(3), ended(1, 'failed'));

    expect(mapping.task).toMatchObject({ status: 'failed', failure: { code: 'MAP_FAILED' } });
    expect(mapping.told.at(-1)).toMatchObject({ kind: 'map-cancel' });
    expect(mapping.asked).toEqual([0, 1, 2]);
  });

  it('runs all with failFast: false, and fails with what they gave', () => {
    const mapping = new Mapping(aMap(3, { failFast: false }));
    mapping.take(made(3), ended(0, 'failed'), ended(1), ended(2), gathered([{}, {}, {}]));

    expect(mapping.task).toMatchObject({
      status: 'failed',
      failure: { message: '1 of the runs for 3 items did not succeed: item 0' },
      results: { count: 3, succeeded: 2, failed: 1, results: [{}, {}, {}] },
    });
  });

  it('names twenty of the items whose runs failed', () => {
    const mapping = new Mapping(aMap(25, { failFast: false, maxParallel: 25 })).take(made(25));
    for (let index = 24; index >= 0; index -= 1) mapping.take(ended(index, 'failed'));
    const named = Array.from({ length: 20 }, (_, at) => at + 5).join(', ');
    const message = `25 of the runs for 25 items did not succeed: among them items ${named}`;

    expect(mapping.take(gathered()).task).toMatchObject({ failure: { message } });
  });

  it.each([
    ['fails with the reason when one cannot be made', 'failed', 'child-refused'],
    ['begins with the first again when one failed, and it has attempts left', 'waiting', 'ended'],
  ])('%s', (_what, status, what) => {
    const over = ['a', 'b'];
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;
    const each = { over, workflow: 'other', maxParallel: 1 };
    const plan = aPlan([aTask('each', 'map', ['start'], each, { retry })]);
    const code = 'TRIGGER_OFF';
    const refused = { ...OF, id: 'r', kind: 'child-refused', code, message: 'off' } as const;

    const mapping = new Mapping(plan).take(made(1));
    mapping.take(what === 'ended' ? ended(0, 'failed') : { kind: 'signal', signal: refused });
    mapping.takeAt(NOW + 100, { kind: 'time' });

    expect(mapping.task).toMatchObject({ status });
    if (status === 'failed') expect(mapping.task).toMatchObject({ failure: { code } });
    else expect(mapping.requests.at(-1)).toMatchObject({ attempt: 2, from: 0, items: ['a'] });
  });

  it('cancels what is open when its run is cancelled', () => {
    const mapping = new Mapping(aMap(9)).take(made(3), ended(0)).take(cancelled());

    expect(mapping.told.at(-1)).toMatchObject({
      kind: 'map-cancel',
      payload: { task: 'each', attempt: 1, open: [1, 2, 3] },
    });
  });

  it('asks again, and looks, when nothing was told for long', () => {
    const at = NOW + 1 + CHILD_LOOK_MS_MIN;
    const waiting = new Mapping(aMap(9)).take(made(3), ended(0));
    waiting.takeAt(at, { kind: 'time' });

    expect(waiting.requests.slice(-2)).toMatchObject([{ from: 3 }, { from: 3 }]);
    expect(waiting.told.at(-1)).toMatchObject({ kind: 'map-look', payload: { open: [1, 2] } });
  });

  it('looks each hour at least, however long it takes', () => {
    const day = NOW + 24 * 3_600_000;
    const waiting = new Mapping(aMap(9)).take(made(3));
    waiting.takeAt(day, { kind: 'time' });

    expect(waiting.task).toMatchObject({ on: { until: day + CHILD_LOOK_MS_MAX } });
  });

  it('remembers what is open and nothing else, however long the list', () => {
    const mapping = new Mapping(aMap(5_000));
    for (let index = 0; index < 4_000; index += 1) mapping.take(made(5_000), ended(index));

    expect(JSON.stringify(mapping.task).length).toBeLessThan(1_000);
    expect(JSON.stringify(mapping.state).length).toBeLessThan(4_000);
    expect(mapping.asked).toHaveLength(4_003);
  });

  it('asks for each item once and never for more at a time, whatever comes in which order', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new SeededRandom(seed);
        const count = random.below(60);
        const maxParallel = 1 + random.below(7);
        const mapping = new Mapping(aMap(count, { maxParallel }));
        const open = new Set<number>();
        let seen = 0;
        for (let step = 0; step < 2_000 && mapping.state.status === 'waiting'; step += 1) {
          for (const index of mapping.asked.slice(seen)) open.add(index);
          seen = mapping.asked.length;
          expect(open.size).toBeLessThanOrEqual(maxParallel);
          const [first = 0, ...rest] = open;
          const index = open.size === 0 ? random.below(count) : random.pick(first, ...rest);
          if (random.chance(0.5)) mapping.take(made(random.below(seen + 1)));
          else if (mapping.told.at(-1)?.kind === 'map-collect') mapping.take(gathered([]));
          else {
            mapping.take(...(random.chance(0.3) ? [ended(index), ended(index)] : [ended(index)]));
            open.delete(index);
          }
          mapping.take(made(seen));
        }

        expect(mapping.state.status).toBe('succeeded');
        expect(mapping.asked).toEqual(Array.from({ length: count }, (_, index) => index));
      }),
    );
  });

  it.each([
    [{ over: 'text' }, 'must be a list'],
    [{ over: ['x'.repeat(MAP_ITEM_CHARS_MAX)] }, 'must be a list'],
    [{ over: ['\u0001'.repeat(MAP_ITEM_CHARS_MAX / 4)] }, 'must be a list'],
    [{ maxParallel: 501 }, 'from 1 to 500'],
    [{ failFast: 'perhaps' }, 'must be true or false'],
  ])('is refused when it is saved, case %#', (more, detail) => {
    const task = aTask('each', 'map', ['start'], { over: [1], workflow: 'other', ...more });
    const validation = validateDefinition(aDefinition([task]), fakePatterns, TEST_TASKS);

    expect(JSON.stringify(validation)).toContain(detail);
  });

  it('takes its list from what the run has', () => {
    const each = { over: '$(params.all)', workflow: 'other', maxParallel: 1 };
    const plan = aPlan([aTask('each', 'map', ['start'], each)]);
    const scope = aScope({ all: ['a', 'b'] });
    const first = aRun(plan, scope);

    const { outbox } = advance(plan, first, scope, [made(1), ended(0)], NOW);

    expect(outbox).toMatchObject([{ payload: { from: 1, items: ['b'] } }]);
  });
});
