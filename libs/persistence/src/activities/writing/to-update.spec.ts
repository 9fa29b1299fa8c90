import { type ActivityState, type OutboxEntry } from '@app/workflow-engine';
import { mongo } from 'mongoose';
import { type ActivityCommit, FIRST_LOCK_VERSION } from '../activity.js';
import { toUpdate, updateBytes } from './to-update.js';
import { stateChange } from '../stored/state-change.js';

const STATE: ActivityState = {
  status: 'succeeded',
  startedAt: 1,
  endedAt: 2,
  tasks: { start: { status: 'succeeded', attempt: 1, startedAt: 1, endedAt: 2, results: {} } },
  results: {},
};

function unsetBy(change: Partial<ActivityCommit>): readonly string[] {
  const commit = { id: 'a', lockVersion: FIRST_LOCK_VERSION, state: STATE, ...change };
  return toUpdate(commit, stateChange(STATE)).unset;
}

describe('fields that a commit unsets', () => {
  it('are, of a new record, only those that it can have: each field costs MongoDB time', () => {
    expect(unsetBy({})).toEqual(['wakeAt']);
    expect(unsetBy({ wakeAt: 3 })).toEqual([]);
    expect(unsetBy({ requires: [] })).toEqual(['wakeAt', 'requires', 'gate']);
  });

  it('are later all that the state before can have had', () => {
    const all = ['waitingFor', 'openWaits', 'failure', 'wakeAt', 'leaseOwner'];

    expect(unsetBy({ lockVersion: 2 })).toEqual(all);
    expect(unsetBy({ lockVersion: 2, requires: [] })).toEqual([...all, 'requires', 'gate']);
    expect(unsetBy({ lockVersion: 2, leaseOwner: 'me', wakeAt: 3 })).toEqual(all.slice(0, 3));
  });
});

/** What is counted once for a batch, or is small: ids, times and names of fields. */
const FRAME_BYTES_MAX = 1_024;
const MANY = Array.from({ length: 1_000 }, (_, at) => `${at}:${'é'.repeat(100)}`);

describe(updateBytes.name, () => {
  it.each<[string, Partial<ActivityCommit>]>([
    ['signals that it takes', { signals: MANY }],
    ['entries that are gone', { outbox: { gone: MANY } }],
    ['entries that it posts', { outbox: { posted: MANY.map(anEntry) } }],
    ['waits that are open', { state: waitingForMany() }],
  ])('counts the %s', (_, rest) => {
    const commit = { id: 'a', lockVersion: 2, state: STATE, ...rest };
    const change = stateChange(commit.state, { ...commit.state });
    const update = toUpdate(commit, change);
    const sent = mongo.BSON.calculateObjectSize(update);

    expect(sent).toBeGreaterThan(FRAME_BYTES_MAX);
    expect(updateBytes(update, change)).toBeGreaterThan(sent - FRAME_BYTES_MAX);
    expect(updateBytes(update, change)).toBeLessThan(2 * sent);
  });
});

function anEntry(id: string): OutboxEntry {
  return { id, kind: 'status', key: 'status', createdAt: 1, payload: {} };
}

function waitingForMany(): ActivityState {
  const tasks = MANY.map((topic, at) => {
    const on = { kind: 'event', since: 1, topic, correlationKey: 'key' } as const;
    return [
      `task-${at}`,
      { status: 'waiting', attempt: 1, keyAttempt: 1, startedAt: 1, on },
    ] as const;
  });
  return { ...STATE, status: 'running', tasks: Object.fromEntries(tasks), waitingFor: [] };
}
