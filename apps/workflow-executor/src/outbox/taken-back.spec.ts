import { NOW } from '@app/persistence/testing';
import {
  CHILD_CANCEL,
  CHILD_LOOK,
  CHILD_REQUEST,
  MAP_CANCEL,
  MAP_REQUEST,
  type OutboxEntry,
  WORKER_CANCEL_ENTRY,
  WORKER_TASK_ENTRY,
} from '@app/workflow-engine';
import { takenBack } from './taken-back.js';

function entry(id: string, kind: string, attempt: number, key = 'of:call'): OutboxEntry {
  return { id, kind, key, payload: { task: 'call', attempt }, createdAt: NOW };
}

describe.each([
  [WORKER_TASK_ENTRY, WORKER_CANCEL_ENTRY],
  [CHILD_REQUEST, CHILD_CANCEL],
  [MAP_REQUEST, MAP_CANCEL],
])('a %s', (asked, cancel) => {
  it('is taken back by what comes behind it for the same attempt', () => {
    const entries = [entry('1', asked, 1), entry('2', cancel, 1), entry('3', asked, 2)];

    expect([...takenBack(entries)]).toEqual(['1']);
  });

  it('is not taken back by anything else', () => {
    const entries = [
      entry('1', cancel, 1),
      entry('2', asked, 1),
      entry('3', cancel, 2),
      entry('4', cancel, 1, 'of:another'),
      entry('5', CHILD_LOOK, 1),
    ];

    expect([...takenBack(entries)]).toEqual([]);
  });
});
