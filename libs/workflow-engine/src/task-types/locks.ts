import { type JsonObject } from '@app/json';
import { LOCK_CHARS_MAX } from '../bounds.js';
import { textOf } from '../json.js';
import { durationMs, durationRule } from './times.js';
import { nameRule } from './param-rules.js';
import { invalidParam, type ParamRule, type TaskBehaviour } from './task-behaviour.js';

/** Entries of the outbox that ask for a lock, and that give it back or ask no more. */
export const LOCK_REQUEST = 'lock-request';
export const LOCK_RELEASE = 'lock-release';

/** What both say; a request may have `leaseMs` besides. */
export interface LockEntry extends JsonObject {
  readonly lock: string;
  readonly task: string;
  readonly attempt: number;
}

const KEY = nameRule('The name of the lock, the same in all workflows.', LOCK_CHARS_MAX, {
  required: true,
});
const ACQUIRE_RULES: ReadonlyMap<string, ParamRule> = new Map([
  ['key', KEY],
  ['lease', durationRule('Others may have it after this time, whatever the run does with it.')],
]);
const RELEASE_RULES: ReadonlyMap<string, ParamRule> = new Map([['key', KEY]]);

/**
 * Waits for a lock: one task at a time has it, in the order they asked. It is given back by
 * `release-lock`, or when the run ends, in whatever way.
 */
export const acquireLock: TaskBehaviour = {
  about: 'Waits until this run alone has the lock; it keeps it until it is released, or ends.',
  params: ACQUIRE_RULES,
  main: 'key',
  waits: true,
  resultNames: [],
  reach: (params, { now, task, attempt }) => {
    const invalid = invalidParam(params, ACQUIRE_RULES);
    if (invalid !== undefined) return invalid;
    const lock = textOf(params['key'] ?? '');
    const lease = params['lease'] === undefined ? undefined : durationMs(params['lease']);
    const payload: LockEntry = { lock, task, attempt };
    const key = keyOf(lock);
    const asked = { ...payload, ...(lease !== undefined && { leaseMs: lease }) };
    return {
      kind: 'wait',
      on: { kind: 'lock', lock, since: now },
      outbox: [{ kind: LOCK_REQUEST, key, payload: asked }],
      hold: [{ name: `lock:${task}`, entry: { kind: LOCK_RELEASE, key, payload } }],
    };
  },
  receive: ({ on }, input) => {
    const isMine = input.kind === 'lock-granted' && on.kind === 'lock' && on.lock === input.lock;
    return isMine ? { kind: 'done' } : { kind: 'ignored' };
  },
  giveBack: (signal) => {
    if (signal.kind !== 'lock-granted') return undefined;
    const { lock, task, attempt } = signal;
    return { kind: LOCK_RELEASE, key: keyOf(lock), payload: { lock, task, attempt } };
  },
};

/** Gives back a lock that the run has; of a lock that it does not have it fails. */
export const releaseLock: TaskBehaviour = {
  about: 'Gives back a lock that this run has.',
  params: RELEASE_RULES,
  main: 'key',
  resultNames: [],
  reach: (params) => {
    const invalid = invalidParam(params, RELEASE_RULES);
    return invalid ?? { kind: 'done', release: keyOf(textOf(params['key'] ?? '')) };
  },
};

/** What is asked for and given back of one lock is delivered in order. */
function keyOf(lock: string): string {
  return `lock:${lock}`;
}
