import { type ActivityState } from '@app/workflow-engine';
import { type ActivityCommit, FIRST_LOCK_VERSION } from '../activity.js';
import { toUpdate } from './to-update.js';
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
