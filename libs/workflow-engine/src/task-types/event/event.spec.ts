import { type JsonObject } from '@app/json';
import { type EventCallParams } from '../../state/event-call.js';
import { advance } from '../../run/advance.js';
import { begin } from '../../run/begin.js';
import { nextWakeAt } from '../../run/open-status.js';
import { type Input } from '../../state/activity-state.js';
import { type TaskResult } from '../../state/task-result.js';
import { aDefinition, aPlan, aRun, aScope, aTask, NOW } from '../../testing/builders.js';
import { fakePatterns } from '../../testing/fake-patterns.js';
import { validateDefinition } from '../../validation/validate-definition.js';
import { BUILT_IN_TASKS } from '../task-behaviours.js';

const NONCE = 'ab'.repeat(16);
const TIME = { kind: 'time' } as const;
const RETRIED = {
  kind: 'force',
  task: 'tell',
  outcome: 'retried',
  reason: 'it hangs',
  by: 'an operator',
} as const;
const URL = 'https://example.org/events';

function unfinished(outcome: TaskResult['outcome'], repeats = 0): Input {
  return {
    kind: 'task-result',
    result: { task: 'tell', attempt: 1, ...(repeats && { repeats }), outcome },
  };
}

function reached(params: JsonObject, given: JsonObject = {}) {
  const plan = aPlan([aTask('tell', 'event', ['start'], params)]);
  const scope = aScope(given, { secretNonce: NONCE });
  return advance(plan, begin(plan, scope, NOW), scope, [], NOW);
}

function call(params: JsonObject, given: JsonObject = {}): EventCallParams | undefined {
  const [effect] = reached(params, given).effects;
  return effect?.type === 'event' ? effect.params : undefined;
}

function problemsOf(params: JsonObject): string {
  const definition = aDefinition([aTask('tell', 'event', ['start'], params)]);
  return JSON.stringify(validateDefinition(definition, fakePatterns, BUILT_IN_TASKS));
}

describe('an event task', () => {
  it('is handed out with what the event is and where it goes', () => {
    const params = {
      url: `${URL}/$(params.shop)`,
      type: 'com.example.order.paid',
      source: '/shop',
      subject: '$(params.order)',
      data: { order: '$(params.order)' },
      extensions: { tenant: '$(params.shop)', priority: 7, left: null },
      headers: { 'X-Key': '$(secrets.key)' },
      sign: '$(secrets.hook)',
      mode: 'structured',
    };

    expect(call(params, { shop: 'a/b', order: '4711' })).toEqual({
      event: {
        id: 'activity-1:tell:1',
        type: 'com.example.order.paid',
        source: '/shop',
        subject: '4711',
        time: NOW,
        extensions: { tenant: 'a/b', priority: 7 },
        data: { order: '4711' },
      },
      mode: 'structured',
      to: {
        kind: 'url',
        url: `${URL}/a%2Fb`,
        headers: [['X-Key', `${NONCE}.key.`]],
        sign: `${NONCE}.hook.`,
      },
    });
  });

  it('is in binary mode and has to be kept by a stream unless it says otherwise', () => {
    expect(call({ nats: 'flow.out.paid', type: 'paid' })).toMatchObject({
      mode: 'binary',
      to: { kind: 'nats', subject: 'flow.out.paid', isStored: true },
    });
    expect(call({ nats: 'flow.out.paid', type: 'paid', stored: false })).toMatchObject({
      to: { isStored: false },
    });
  });

  it('keeps its id in an attempt after one whose outcome is unknown, and gets a new one otherwise', () => {
    const retry = { attemptsMax: 3, backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;
    const plan = aPlan([
      aTask('tell', 'event', ['start'], { nats: 'flow.out.a', type: 'a' }, { retry }),
    ]);
    const scope = aScope();
    const idAfter = (outcomeKnown: boolean): unknown => {
      const outcome = { kind: 'failed', code: 'NO', message: 'no', retryable: true } as const;
      const result = { task: 'tell', attempt: 1, outcome: { ...outcome, outcomeKnown } };
      const failed = advance(plan, aRun(plan), scope, [{ kind: 'task-result', result }], NOW);
      const again = advance(plan, failed.state, scope, [{ kind: 'time' }], NOW + 10);
      return again.effects.map(({ params }) => 'event' in params && params.event.id);
    };

    expect(idAfter(false)).toEqual(['activity-1:tell:1']);
    expect(idAfter(true)).toEqual(['activity-1:tell:2']);
  });

  it.each([
    ['more tokens', 'a.b'],
    ['a wildcard', '*'],
    ['all that follows', '>'],
    ['a blank', 'a b'],
    ['another line of the protocol', 'a\r\nPUB x 0'],
  ])('fails when a value would bring %s into its subject', (_what, part) => {
    const { state, effects } = reached({ nats: 'flow.out.$(params.part)', type: 'a' }, { part });

    expect(effects).toEqual([]);
    expect(state.tasks['tell']).toMatchObject({ failure: { code: 'PARAM_INVALID' } });
  });

  it.each([
    ['neither address', { type: 'a' }, 'event needs "url" or "nats"'],
    ['both addresses', { url: URL, nats: 'a', type: 'a' }, 'not both'],
    ['no type', { url: URL }, 'event needs a parameter "type"'],
    ['a wildcard', { nats: 'a.*', type: 'a' }, 'must be a subject of NATS'],
    ['an empty token', { nats: 'a..b', type: 'a' }, 'must be a subject of NATS'],
    ['a header of the event', { url: URL, type: 'a', headers: { 'Ce-Id': '1' } }, 'Ce-...'],
    [
      'a header of the signature',
      { url: URL, type: 'a', headers: { 'webhook-id': '1' } },
      'Ce-...',
    ],
    ['an extension with capitals', { url: URL, type: 'a', extensions: { aB: 1 } }, 'a-z and 0-9'],
    ['an extension of ours', { url: URL, type: 'a', extensions: { flowhops: 1 } }, 'a-z and 0-9'],
    ['an extension that is none', { url: URL, type: 'a', extensions: { id: 'x' } }, 'a-z and 0-9'],
    ['an extension too deep', { url: URL, type: 'a', extensions: { a: { b: 1 } } }, 'a-z and 0-9'],
    ['a key in plain', { url: URL, type: 'a', sign: 'whsec_abc' }, 'must be a secret by its name'],
    [
      'a key of an event',
      { url: URL, type: 'a', sign: '$(params.key)' },
      'must be a secret by its',
    ],
    ['a key in a text', { url: URL, type: 'a', sign: 'x$(secrets.k)' }, 'must be a secret by its'],
    [
      'a secret in its data',
      { url: URL, type: 'a', data: '$(secrets.k)' },
      'a secret can stand only',
    ],
    ['a signature over NATS', { nats: 'a', type: 'a', sign: '$(secrets.k)' }, 'not both'],
    ['another mode', { url: URL, type: 'a', mode: 'batch' }, 'must be one of binary, structured'],
    ['a stream of a URL', { url: URL, type: 'a', stored: true }, 'not both'],
  ])('is refused with %s', (_what, params, expected) => {
    expect(problemsOf(params)).toContain(JSON.stringify(expected).slice(1, -1));
  });

  it.each([
    ['is handed out again', [{ kind: 'resume' }]],
    ['has had no answer in time', [TIME, TIME]],
    [
      'waited for a slot, began, and is handed out again',
      [unfinished({ kind: 'queued' }), unfinished({ kind: 'begun' }), { kind: 'resume' }],
    ],
    [
      'was not sent the second time',
      [{ kind: 'resume' }, unfinished({ kind: 'postponed', delayMs: 5 }, 1), TIME],
    ],
    ['is tried again by an operator', [{ kind: 'signal', signal: RETRIED }, TIME]],
  ] as readonly (readonly [string, readonly Input[]])[])(
    'is the same in all, its time too, when it %s',
    (_what, steps) => {
      const retry = { attemptsMax: 3, backoff: 'fixed', delayMs: 10, delayMsMax: 10 } as const;
      const task = { ...aTask('tell', 'event', ['start'], { url: URL, type: 'a' }), retry };
      const plan = aPlan([task]);
      let { state, effects } = advance(plan, begin(plan, aScope(), NOW), aScope(), [], NOW);
      const [first] = effects;
      let now = NOW;
      for (const input of steps) {
        now = Math.max(now + 7, nextWakeAt(state) ?? 0);
        ({ state, effects } = advance(plan, state, aScope(), [input], now));
      }

      expect(effects).toHaveLength(1);
      expect(effects[0]?.params).toEqual(first?.params);
    },
  );

  it('says what it waits for', () => {
    const waits = { kind: 'call', what: 'the receipt for the event of attempt 1' };
    expect(reached({ nats: 'a', type: 'a' }).state.waitingFor).toMatchObject([waits]);
  });
});
