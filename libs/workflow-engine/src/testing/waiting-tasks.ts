import { type JsonValue } from '@app/json';
import { textOf } from '../json.js';
import { builtInTasksWith } from '../task-types/task-behaviours.js';
import { fakeEventFilters } from './fake-event-filters.js';
import {
  type ParamRule,
  type Received,
  type TaskBehaviour,
  type TaskBehaviours,
} from '../task-types/task-behaviour.js';

const NUMBER: ParamRule = {
  required: true,
  problem: (value) => (typeof value === 'number' ? undefined : 'must be a number'),
};
const TEXT: ParamRule = {
  required: true,
  problem: (value) => (typeof value === 'string' ? undefined : 'must be a text'),
};
const IGNORED: Received = { kind: 'ignored' };

/** Waits `ms`. */
const timer: TaskBehaviour = {
  params: new Map([['ms', NUMBER]]),
  resultNames: [],
  reach: ({ ms }, { now }) => ({
    kind: 'wait',
    on: { kind: 'timer', since: now, until: now + numberOf(ms) },
  }),
  receive: (_, input) => (input.kind === 'due' ? { kind: 'done' } : IGNORED),
};

/** Waits for an event of `topic`; its payload is the result, and a status event goes out. */
const event: TaskBehaviour = {
  params: new Map([['topic', TEXT]]),
  resultNames: ['payload'],
  reach: ({ topic }, { now }) => ({
    kind: 'wait',
    on: { kind: 'event', topic: textOf(topic ?? ''), since: now },
  }),
  receive: (_, input, { activity, task }) => {
    if (input.kind !== 'event') return IGNORED;
    const { payload = null, outcome } = input;
    if (outcome === 'failed') {
      const message = 'It did not happen';
      return { kind: 'failed', code: 'EVENT_FAILED', message, retryable: true, outcomeKnown: true };
    }
    const outbox = [{ kind: 'status', key: activity, payload: { task, payload } }];
    return { kind: 'done', results: { payload }, outbox };
  },
};

/** Waits until `count` have voted, each once. */
const votes: TaskBehaviour = {
  params: new Map([['count', NUMBER]]),
  resultNames: ['by'],
  reach: ({ count }, { now }) => ({
    kind: 'wait',
    on: { kind: 'approval', open: numberOf(count), since: now },
    memory: { by: [] },
  }),
  receive: ({ on, memory }, input) => {
    if (input.kind !== 'vote' || on.kind !== 'approval') return IGNORED;
    const before = namesIn(memory?.['by']);
    if (before.includes(input.by)) return { kind: 'wait', on, memory: { by: before } };
    const by = [...before, input.by];
    const open = on.open - 1;
    return open === 0
      ? { kind: 'done', results: { by } }
      : { kind: 'wait', on: { ...on, open }, memory: { by } };
  },
};

/** Asks for a lock and holds it until the run ends, or `unlock` lets go of it. */
const lock: TaskBehaviour = {
  params: new Map([['lock', TEXT]]),
  resultNames: [],
  reach: ({ lock }, { now, activity, task, attempt }) => {
    const name = textOf(lock ?? '');
    const payload = { lock: name, task, attempt };
    const entry = { kind: 'lock-release', key: name, payload: { lock: name, activity } };
    return {
      kind: 'wait',
      on: { kind: 'lock', lock: name, since: now },
      outbox: [{ kind: 'lock-request', key: name, payload }],
      hold: [{ name: `lock:${name}`, entry }],
    };
  },
  receive: (_, input) => (input.kind === 'lock-granted' ? { kind: 'done' } : IGNORED),
};

const unlock: TaskBehaviour = {
  params: new Map([['lock', TEXT]]),
  resultNames: [],
  reach: ({ lock }, { activity }) => {
    const name = textOf(lock ?? '');
    const outbox = [{ kind: 'lock-release', key: name, payload: { lock: name, activity } }];
    return { kind: 'done', outbox, dropHolds: [`lock:${name}`] };
  },
};

/** Queues work for a worker, and takes back what nobody needs any more. */
const worker: TaskBehaviour = {
  params: new Map([['queue', TEXT]]),
  resultNames: 'any',
  reach: ({ queue }, { now, task, attempt }) => {
    const key = textOf(queue ?? '');
    const payload = { task, attempt };
    return {
      kind: 'wait',
      on: { kind: 'worker', queue: key, since: now },
      outbox: [{ kind: 'queued-task', key, payload }],
      hold: [{ name: `worker:${task}`, entry: { kind: 'task-cancelled', key, payload } }],
    };
  },
  receive: (_, input, { task }) => {
    if (input.kind !== 'worker-result') return IGNORED;
    const { outcome } = input;
    const dropHolds = [`worker:${task}`];
    return outcome.kind === 'succeeded'
      ? { kind: 'done', results: outcome.results, dropHolds }
      : { ...outcome, dropHolds };
  },
};

/** Waits until `count` runs that it began have ended, each once. */
const children: TaskBehaviour = {
  params: new Map([['count', NUMBER]]),
  resultNames: ['ended'],
  reach: ({ count }, { now }) => ({
    kind: 'wait',
    on: { kind: 'children', open: numberOf(count), since: now },
    memory: { ended: [] },
  }),
  receive: ({ on, memory }, input) => {
    if (input.kind !== 'child-ended' || on.kind !== 'children') return IGNORED;
    const before = namesIn(memory?.['ended']);
    if (before.includes(input.child)) return IGNORED;
    const ended = [...before, input.child];
    const open = on.open - 1;
    return open === 0
      ? { kind: 'done', results: { ended } }
      : { kind: 'wait', on: { ...on, open }, memory: { ended } };
  },
};

/** The task types of the engine, and some that wait in every way there is: of tests alone. */
export const TEST_TASKS: TaskBehaviours = new Map([
  ...builtInTasksWith(fakeEventFilters),
  ['timer', timer],
  ['topic', event],
  ['votes', votes],
  ['lock', lock],
  ['unlock', unlock],
  ['worker', worker],
  ['children', children],
]);

function numberOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}

function namesIn(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
