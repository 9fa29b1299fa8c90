import { toJsonText } from '@app/json';
import { requirementsOf } from '../requirements.js';
import { type ActivityState, type Advance, type Input } from '../state/activity-state.js';
import { type Concurrency } from '../definition/definition.js';
import { aDefinition, anHttpTask, aPlan, aScope, aTask, NOW } from '../testing/builders.js';
import { advance } from './advance.js';
import { begin } from './begin.js';
import { breakRun } from './end-run.js';
import { nextWakeAt } from './open-status.js';
import { workflowFailure } from '../state/failure.js';

const LATER = NOW + 60_000;
const NAME = toJsonText(['w', 'acme']);

function scopeOf(params = { customer: 'acme' } as object): ReturnType<typeof aScope> {
  return aScope(
    { ...params },
    { context: { 'workflowrun-ref': 'activity-1', 'workflow-ref': 'w' } },
  );
}

function planOf(concurrency: Concurrency): ReturnType<typeof aPlan> {
  return aPlan([anHttpTask('call')], ['call'], { concurrency, timeoutMs: 1_000 });
}

const keyed = planOf({ key: '$(params.customer)', limit: 2 });

function step(state: ActivityState, at: number, ...inputs: readonly Input[]): Advance {
  return advance(keyed, state, scopeOf(), [...inputs, { kind: 'time' }], at);
}

function first(plan = keyed, scope = scopeOf()): Advance {
  return advance(plan, begin(plan, scope, NOW), scope, [{ kind: 'time' }], NOW);
}

function granted(slot = NAME): Input {
  return { kind: 'signal', signal: { id: `slot:${slot}`, kind: 'slot-granted', at: LATER, slot } };
}

const cancelled: Input = {
  kind: 'signal',
  signal: { id: 'c', kind: 'cancel', at: LATER, reason: 'enough' },
};

describe('a run that needs a slot', () => {
  it('asks for it once and stays queued, whatever time it is', () => {
    const { state, effects, outbox } = first();

    expect(effects).toEqual([]);
    expect(outbox).toMatchObject([
      { kind: 'slot-request', payload: { lock: NAME, task: '', attempt: 1, limit: 2 } },
    ]);
    expect(state).toMatchObject({
      status: 'queued',
      waitingFor: [
        { task: '', kind: 'slot', since: NOW, what: expect.stringContaining('"acme"') as string },
      ],
      tasks: { call: { status: 'pending' } },
    });
    expect(nextWakeAt(state)).toBeUndefined();
    const again = step(state, LATER);
    expect(again.state).toBe(state);
    expect(again.outbox).toEqual([]);
  });

  it('begins with the grant, as its timeout does, and gives the slot back at the end', () => {
    const begun = step(first().state, LATER, granted());

    expect(begun.state).toMatchObject({
      status: 'running',
      startedAt: LATER,
      timeoutAt: LATER + 1_000,
      slot: { key: 'acme', grantedAt: LATER },
      tasks: { call: { status: 'running' } },
    });
    const over = step(begun.state, LATER + 1_000);
    expect(over.state).toMatchObject({ status: 'timedout', startedAt: LATER });
    expect(over.outbox).toMatchObject([
      { kind: 'slot-release', payload: { lock: NAME, task: '', attempt: 1 } },
    ]);
    expect(over.state).not.toHaveProperty('holds');
  });

  it('begins all its first tasks, however many there are', () => {
    const names = Array.from({ length: 50 }, (_, at) => `call-${at}`);
    const large = aPlan(
      names.map((name) => anHttpTask(name)),
      names,
      { concurrency: {} },
    );
    const { state } = first(large);
    const begun = advance(large, state, scopeOf(), [granted(toJsonText(['w']))], LATER);

    expect(begun.effects).toHaveLength(50);
  });

  it('has the time of the grant as its beginning in now(), so that a repeated call is the same', () => {
    const call = aTask('call', 'http', ['start'], { url: 'https://example.org', body: '$(now())' });
    const dated = aPlan([call], ['call'], { concurrency: {} });
    const granting = granted(toJsonText(['w']));
    const begun = advance(dated, first(dated).state, scopeOf(), [granting], LATER);
    const again = advance(dated, begun.state, scopeOf(), [{ kind: 'resume' }], LATER + 1_000);

    const body = new Date(LATER).toISOString();
    expect(begun.effects).toMatchObject([{ params: { body } }]);
    expect(again.effects).toMatchObject([{ params: { body } }]);
  });

  it('does not begin with the grant of another slot', () => {
    expect(step(first().state, LATER, granted(toJsonText(['w', 'other']))).state.status).toBe(
      'queued',
    );
  });

  it('ends at once when it is cancelled before the grant, and withdraws its request', () => {
    const { state, outbox } = step(first().state, LATER, cancelled, granted());

    expect(state).toMatchObject({
      status: 'cancelled',
      startedAt: LATER,
      endedAt: LATER,
      failure: { code: 'CANCELLED' },
      tasks: { call: { status: 'skipped' } },
    });
    expect(outbox).toMatchObject([{ kind: 'slot-release' }]);
  });

  it('withdraws its request when the system ends it', () => {
    const { outbox, state } = breakRun(first().state, workflowFailure('X', 'x'), [], LATER);

    expect(state).toMatchObject({ status: 'failed', startedAt: LATER, endedAt: LATER });
    expect(outbox).toMatchObject([{ kind: 'slot-release' }]);
  });

  it('keeps an event that comes before the grant', () => {
    const waits = aPlan(
      [
        {
          name: 'wait',
          type: 'topic',
          dependencies: [{ taskRef: 'start' }],
          params: [{ name: 'topic', value: 'paid' }],
        },
      ],
      ['wait'],
      { concurrency: {} },
    );
    const event: Input = {
      kind: 'signal',
      signal: { id: 'e', kind: 'event', at: NOW, topic: 'paid' },
    };
    const { state } = advance(waits, first(waits).state, scopeOf(), [event], NOW);
    const name = toJsonText(['w']);

    expect(state).toMatchObject({ status: 'queued', early: [{ topic: 'paid' }] });
    expect(advance(waits, state, scopeOf(), [granted(name)], LATER).state.status).toBe('succeeded');
  });

  it.each<readonly [string, object, string]>([
    ['has no value', {}, 'PARAM_UNRESOLVED'],
    ['is null', { customer: null }, 'PARAM_UNRESOLVED'],
    ['is too long', { customer: 'x'.repeat(257) }, 'PARAM_INVALID'],
  ])('fails at once when its key %s', (_, params, code) => {
    const { state, outbox } = first(keyed, scopeOf(params));

    expect(state).toMatchObject({ status: 'failed', failure: { level: 'workflow', code } });
    expect(outbox).toEqual([]);
  });
});

it('requires a build that knows slots, and a workflow without slots does not', () => {
  const tasks = aDefinition([anHttpTask('call')]).tasks;

  expect(requirementsOf({ tasks, concurrency: {} })).toEqual(['language:3', 'language:2']);
  expect(requirementsOf({ tasks })).toEqual([]);
});

it('ends with the code of the cancel', () => {
  const signal = {
    id: 'r',
    kind: 'cancel',
    at: LATER,
    reason: 'another came',
    code: 'WHY',
  } as const;
  const { state } = step(first().state, LATER, { kind: 'signal', signal });

  expect(state).toMatchObject({
    status: 'cancelled',
    failure: { code: 'WHY', message: 'another came' },
  });
});

it('sends the policy of its workflow with the request', () => {
  const terms = { limit: 3, whenFull: 'cancel-new', throttleMs: 5, debounceMs: 7 } as const;

  expect(first(planOf(terms)).outbox).toMatchObject([{ payload: terms }]);
});
