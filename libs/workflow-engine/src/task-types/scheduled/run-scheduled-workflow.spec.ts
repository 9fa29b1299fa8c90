import { type JsonObject } from '@app/json';
import { type ActivityState, type Input } from '../../state/activity-state.js';
import { validateDefinition } from '../../validation/validate-definition.js';
import { aDefinition, aPlan, aRun, aScope, aTask, cancelled, NOW } from '../../testing/builders.js';
import { fakePatterns } from '../../testing/fake-patterns.js';
import { TEST_TASKS } from '../../testing/waiting-tasks.js';
import { advance } from '../../run/advance.js';
import { begin } from '../../run/begin.js';

const SCOPE = aScope({ order: 7, secretOfParent: 'x' });
const WHAT = { workflow: 'remind', params: { order: '$(params.order)' } };
const DAY_MS = 86_400_000;
const CANCEL = { kind: 'child-cancel', key: 'child:later' };

const started: Input = {
  kind: 'signal',
  signal: { id: 's', at: NOW, kind: 'child-started', task: 'later', attempt: 1, child: 'c1' },
};

function taskWith(params: JsonObject): ReturnType<typeof aTask> {
  return aTask('later', 'run-scheduled-workflow', ['start'], { ...WHAT, ...params });
}

/** What its first step asks for, and what it fails with. */
function askedFor(params: JsonObject, now = NOW): { asked: JsonObject; state: ActivityState } {
  const plan = aPlan([taskWith(params)]);
  const { state, outbox } = advance(plan, begin(plan, SCOPE, now), SCOPE, [], now);
  return { asked: (outbox[0] ?? {}) as unknown as JsonObject, state };
}

function dueOf(params: JsonObject, from = '2026-01-01T00:00:00Z'): string {
  const { asked, state } = askedFor(params, Date.parse(from));
  const payload = asked['payload'] as JsonObject | undefined;
  if (payload === undefined) return JSON.stringify(state.tasks['later']);
  return new Date(Number(payload['notBefore'])).toISOString();
}

function problemsOf(params: JsonObject): readonly string[] {
  const { workflow, params: given } = WHAT;
  const which = 'workflowRef' in params ? {} : { workflow };
  const task = aTask('later', 'run-scheduled-workflow', ['start'], {
    ...which,
    params: given,
    ...params,
  });
  const checked = validateDefinition(aDefinition([task]), fakePatterns, TEST_TASKS);
  return checked.kind === 'valid' ? [] : checked.problems.map(({ detail }) => detail);
}

describe('a run of another workflow at a later time', () => {
  it('is asked for once, with the parameters of the task alone and none that say when', () => {
    const { asked } = askedFor({ in: '1d' });

    expect(asked).toMatchObject({
      kind: 'child-schedule',
      key: 'child:later',
      payload: {
        ...{ task: 'later', attempt: 1, workflow: 'remind', waits: false },
        params: { order: 7 },
        notBefore: NOW + DAY_MS,
      },
    });
    expect(JSON.stringify(asked)).not.toContain('secretOfParent');
    expect(Object.keys((asked['payload'] as JsonObject)['params'] as JsonObject)).toEqual([
      'order',
    ]);
  });

  it('lets the task be over as soon as it is on record, and leaves it alone from then on', () => {
    const plan = aPlan([taskWith({ in: '1d' })]);
    const { state, outbox } = advance(plan, aRun(plan, SCOPE), SCOPE, [started], NOW + 1);

    expect(state).toMatchObject({ status: 'succeeded' });
    expect(state.tasks['later']).toMatchObject({
      results: { activity: 'c1', at: new Date(NOW + DAY_MS).toISOString() },
    });
    expect([outbox, state.holds]).toEqual([[], undefined]);
  });

  it('is taken back when its run is cancelled before it is on record, unless it is to be left', () => {
    for (const [onCancel, told] of [
      ['cancel', [CANCEL]],
      ['leave', []],
    ] as const) {
      const plan = aPlan([taskWith({ in: '1d', onCancel })]);
      const { outbox } = advance(plan, aRun(plan, SCOPE), SCOPE, [cancelled()], NOW + 1);
      expect(outbox).toMatchObject(told);
    }
  });

  it.each([
    [{ in: '90m' }, '2026-01-01T01:30:00.000Z'],
    [{ in: 1_000 }, '2026-01-01T00:00:01.000Z'],
    [{ at: '2026-12-24T18:00:00+01:00' }, '2026-12-24T17:00:00.000Z'],
    [{ at: '2026-12-24T18:00', timezone: 'Europe/Berlin' }, '2026-12-24T17:00:00.000Z'],
    [{ in: '2d', time: '09:00', timezone: 'Europe/Berlin' }, '2026-01-03T08:00:00.000Z'],
    [{ futureIn: 5, futurePeriod: 'minutes' }, '2026-01-01T00:05:00.000Z'],
    [{ futureIn: '2', futurePeriod: 'days' }, '2026-01-03T00:00:00.000Z'],
    [{ futureIn: 1, futurePeriod: 'weeks' }, '2026-01-08T00:00:00.000Z'],
    [
      { futureIn: 1, futurePeriod: 'months', time: '17:30', timezone: 'America/New_York' },
      '2026-01-31T22:30:00.000Z',
    ],
    [{ futureIn: 1, futurePeriod: 'months', timezone: 'UTC' }, '2026-02-01T00:00:00.000Z'],
    [{ at: '2020-01-01T00:00:00Z' }, '2020-01-01T00:00:00.000Z'],
  ] as const)('is due, as %j says on 1 January, at %s', (params, due) => {
    expect(dueOf(params)).toBe(due);
  });

  it('counts days by the calendar of the zone, with a time of day in the afternoon, too', () => {
    const params = { in: '1d', time: '15:00', timezone: 'Europe/Berlin' };

    expect(dueOf(params, '2026-03-28T20:00:00Z')).toBe('2026-03-29T13:00:00.000Z');
    expect(dueOf(params, '2026-03-28T23:30:00Z')).toBe('2026-03-30T13:00:00.000Z');
  });

  it.each([
    [{ at: '2026-12-24T18:00' }, 'has no offset'],
    [{ at: '2026-12-24T18:00:00Z', timezone: 'UTC' }, 'has no meaning beside'],
    [{ in: '90m', time: '09:00', timezone: 'UTC' }, 'must be whole days'],
    [{ futureIn: 1, futurePeriod: 'months' }, 'needed to count months'],
    [{ at: '2999-01-01T00:00:00Z' }, 'more than a hundred years'],
    [{ in: '$(params.secretOfParent)' }, 'must be a duration'],
  ])(
    'fails its task, not the engine, where only the run shows that %j says no time',
    (params, why) => {
      const { state } = askedFor(params);

      expect(state.tasks['later']).toMatchObject({ failure: { code: 'PARAM_INVALID' } });
      expect(JSON.stringify(state.tasks['later'])).toContain(why);
    },
  );

  it.each([
    [{}, 'has to say when, by one of "in", "at" and "futureIn"'],
    [{ in: '1d', futureIn: 1, futurePeriod: 'days' }, 'has to say when'],
    [{ in: '1d', at: '2026-12-24T18:00:00Z' }, 'takes either "in" or "at", not both'],
    [{ futureIn: 1 }, 'go together'],
    [{ in: '1d', time: '09:00' }, '"time" needs a "timezone"'],
    [{ at: '2026-12-24T18:00', time: '09:00', timezone: 'UTC' }, 'leave "time" out'],
    [{ in: '1d', time: '9', timezone: 'UTC' }, 'must be a time of day'],
    [{ in: '1d', time: '09:00', timezone: 'Europe/Berlim' }, 'did you mean "Europe/Berlin"?'],
    [{ in: 'P1M' }, 'must be a duration'],
    [{ at: '24.12.2026' }, 'must be an instant with its offset'],
    [{ futureIn: 0, futurePeriod: 'days' }, 'must be a whole number from 1'],
    [{ futureIn: 1, futurePeriod: 'years' }, 'must be one of minutes, hours'],
  ])('is refused when it is saved: %j', (params, problem) => {
    expect(problemsOf(params)).toContainEqual(expect.stringContaining(problem));
  });

  it('takes the name that Boomerang has for the workflow', () => {
    expect(problemsOf({ workflowRef: 'remind', in: '1d' })).toEqual([]);
  });
});
