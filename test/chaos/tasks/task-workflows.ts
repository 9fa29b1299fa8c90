import { ECHOES, GIVES_TOKENS, REFUSES_FIRST } from '../side-effects.js';

type Definition = Readonly<Record<string, unknown>>;

export const QUEUE = 'chaos';
/** The subject that events of the runs go to. */
export const OUT = 'flow.out.chaos';
/** Runs that a run of these workflows begins. */
export const CHILDREN: Readonly<Record<string, number>> = { parent: 5, later: 1 };

/** Enough for a run that is hit again and again. */
const RETRY = { attemptsMax: 50, delays: ['200ms'] };
/** Each failure is left to an operator. */
const PAUSING = { attemptsMax: 1, then: 'pause' };
const CALLING = { retry: RETRY, timeout: '5s' };

/** How a run of a workflow must end; its results as far as they are named. */
export interface Expected {
  readonly status: string;
  readonly code?: string;
  readonly results?: (n: number) => Readonly<Record<string, unknown>>;
  /** The tasks that have a side effect, each once. */
  readonly effects: readonly string[];
}

export const CALLED = 'called';

/** The secret of the installation that runs of `hides` send, and the value of their secret parameter. */
export const SECRET = { name: 'house', value: 'secret-of-the-whole-house' };
export const SECRET_PARAM = { name: 'pin', value: 'pin-of-whoever-sends' };

/** Each with what a run of it must come to. All task types there are stand in one of them, which a test holds. */
export const EXPECTED: Readonly<Record<string, Expected>> = {
  computes: {
    status: 'succeeded',
    results: (n) => ({ twice: 2 * n, kind: n % 2 === 0 ? 'even' : 'odd', found: [n] }),
    effects: [],
  },
  calls: { status: 'succeeded', effects: ['first', 'stubborn', 'post', 'told'] },
  waits: { status: 'succeeded', results: (n) => ({ paid: { n } }), effects: [] },
  excludes: { status: 'succeeded', effects: ['enter', 'leave'] },
  works: {
    status: 'succeeded',
    results: (n) => ({ worked: n }),
    effects: ['generic', 'custom', 'template'],
  },
  parent: { status: 'succeeded', results: () => ({ done: 3 }), effects: [] },
  later: { status: 'succeeded', effects: [] },
  bounded: { status: 'succeeded', effects: ['first', 'second'] },
  again: { status: 'succeeded', effects: ['once', 'call'] },
  pauses: {
    status: 'succeeded',
    results: () => ({ given: 'hand' }),
    effects: ['call'],
  },
  hides: {
    status: 'succeeded',
    results: () => ({ said: '{"pin":"***","key":"***"}' }),
    effects: ['tell'],
  },
  cleans: { status: 'failed', code: 'STATUS_SET', effects: ['last'] },
  stops: { status: 'cancelled', code: 'CANCELLED', effects: ['last'] },
  [CALLED]: { status: 'succeeded', effects: ['call'] },
};

/** The workflows of `EXPECTED`, by name. */
export function taskWorkflows(targetUrl: string): Readonly<Record<string, Definition>> {
  const call = (path: string, needs?: unknown): Definition => ({
    http: { method: 'POST', url: targetUrl + path, body: { lock: '$(params.lock)' } },
    ...CALLING,
    ...(needs !== undefined && { needs }),
  });
  const work = (type: string, needs?: string): Definition => ({
    [type]: { queue: QUEUE, input: { n: '$(params.n)' } },
    retry: RETRY,
    ...(needs !== undefined && { needs }),
  });
  const keep = (output: string, value: unknown, needs: unknown): Definition => ({
    'set-property': { output, value },
    needs,
  });
  const params = { n: { default: 0 }, lock: { default: 'none' } };
  const source = 'return { twice: 2 * input.n }';
  const tasks: Readonly<Record<string, Definition>> = {
    computes: {
      which: { decision: '$(params.n)' },
      even: keep('kind', 'even', { which: '.*[02468]' }),
      odd: keep('kind', 'odd', { which: '.*[13579]' }),
      sum: { script: { source, input: { n: '$(params.n)' } }, retry: RETRY },
      keep: keep('twice', '$(tasks.sum.results.twice)', 'sum'),
      find: keep('found', '$(params.data[?@ >= 0])', 'keep'),
    },
    calls: {
      first: call('/first'),
      stubborn: call(REFUSES_FIRST, 'first'),
      tell: {
        event: { nats: OUT, type: 'com.example.told', data: { n: '$(params.n)' } },
        ...CALLING,
        needs: 'stubborn',
      },
      post: {
        event: { url: `${targetUrl}/post`, type: 'com.example.posted', mode: 'structured' },
        ...CALLING,
        needs: 'tell',
      },
      told: {
        http: {
          url: `${targetUrl}/told`,
          form: { lock: '$(params.lock)' },
          files: { note: { text: 'Number $(params.n)' } },
          results: { all: '$[*]' },
        },
        ...CALLING,
        needs: 'post',
      },
    },
    waits: {
      nap: { sleep: '300ms' },
      paid: {
        'wait-for-event': { topic: 'paid', filter: { exact: { status: 'succeeded' } } },
        needs: 'nap',
        timeout: '1h',
      },
      ask: { approval: { approvers: 1 }, needs: 'paid' },
      pack: { manual: 'Pack it.', needs: 'ask' },
      keep: keep('paid', '$(tasks.paid.results.data)', 'pack'),
    },
    excludes: {
      alone: { 'acquire-lock': 'chaos-$(params.lock)' },
      enter: call('/enter', 'alone'),
      leave: call('/leave', 'enter'),
      next: { 'release-lock': 'chaos-$(params.lock)', needs: { leave: 'always' } },
    },
    works: {
      generic: work('generic'),
      custom: work('custom', 'generic'),
      template: work('template', 'custom'),
      keep: keep('worked', '$(tasks.template.results.n)', 'template'),
    },
    parent: {
      call: { 'run-workflow': { workflow: CALLED, params: { n: '$(params.n)' } } },
      begin: { 'run-workflow': { workflow: CALLED, wait: false } },
      each: { map: { over: [1, 2, 3], workflow: CALLED, maxParallel: 2 } },
      keep: keep('done', '$(tasks.each.results.succeeded)', ['call', 'begin', 'each']),
    },
    later: {
      later: { 'run-scheduled-workflow': { workflow: CALLED, in: '1s' }, retry: RETRY },
    },
    bounded: {
      first: call('/first-of-slot'),
      second: call('/second-of-slot', 'first'),
    },
    again: {
      once: call('/once'),
      // No retry of its own: that of the whole run is the one that tries again.
      call: { ...call(REFUSES_FIRST, 'once'), retry: undefined },
    },
    pauses: {
      // An operator has it tried again.
      call: { ...call(REFUSES_FIRST), retry: PAUSING },
      // And does this by hand.
      gives: {
        script: { source: "throw new Error('not by itself')" },
        retry: PAUSING,
        needs: 'call',
      },
      keep: keep('given', '$(tasks.gives.results.by)', 'gives'),
    },
    hides: {
      tell: {
        http: {
          method: 'POST',
          url: targetUrl + ECHOES,
          body: { pin: `$(params.${SECRET_PARAM.name})`, key: `$(secrets.${SECRET.name})` },
          oauth2: {
            tokenUrl: targetUrl + GIVES_TOKENS,
            clientId: 'chaos',
            clientSecret: `$(secrets.${SECRET.name})`,
          },
        },
        ...CALLING,
      },
      keep: keep('said', '$(tasks.tell.results.body.said)', 'tell'),
    },
    cleans: { status: { 'set-status': { status: 'failed', message: 'so it is' } } },
    stops: { nap: { sleep: '1h' } },
    [CALLED]: { call: call('/called') },
  };
  const last = { last: call('/last') };
  const ofRuns: Readonly<Record<string, Definition>> = {
    bounded: { concurrency: { key: '$(params.lock)', limit: 1 } },
    again: { retry: RETRY },
    computes: {
      params: { n: { type: 'integer', min: 0, required: true }, lock: { type: 'string' } },
    },
    hides: { params: { ...params, [SECRET_PARAM.name]: { type: 'string', secret: true } } },
  };
  const triggers = { task: { enabled: true }, event: { enabled: true } };
  return Object.fromEntries(
    Object.entries(tasks).map(([name, own]) => {
      const hasLast = EXPECTED[name]?.effects.includes('last') === true;
      const finallyTasks = hasLast && { finally: last };
      return [name, { name, params, triggers, tasks: own, ...finallyTasks, ...ofRuns[name] }];
    }),
  );
}
