import { NOW } from '@app/persistence/testing';
import { type OutboxEntry } from '@app/workflow-engine';
import { droppedRequests, cancelledRequests } from './cancelled-requests.js';

function entry(id: string, kind: string, attempt: number, key = 'call'): OutboxEntry {
  return { id, kind, key, payload: { task: 'call', attempt }, createdAt: NOW };
}

const PAIRS = [
  ['worker-task', 'worker-cancel', true],
  ['child-request', 'child-cancel', false],
  ['child-schedule', 'child-cancel', false],
  ['map-request', 'map-cancel', false],
] as const;

describe.each(PAIRS)('a %s', (request, cancel, isNeedless) => {
  it('is cancelled by a later entry of the same attempt', () => {
    const entries = [
      entry('1', request, 1),
      entry('2', request, 1),
      entry('3', cancel, 1),
      entry('4', request, 2),
    ];

    expect([...cancelledRequests(entries)].toSorted()).toEqual(['1', '2']);
    expect([...droppedRequests(entries)].toSorted()).toEqual(isNeedless ? ['1', '2'] : []);
  });

  it.each([
    ['what came before it', [entry('1', cancel, 1), entry('2', request, 1)]],
    ['another attempt', [entry('1', request, 1), entry('2', cancel, 2)]],
    ['another task', [entry('1', request, 1), entry('2', cancel, 1, 'other')]],
    ['another kind', [entry('1', request, 1), entry('2', 'child-look', 1)]],
    [
      'what cancels other things',
      PAIRS.filter(([, other]) => other !== cancel).flatMap(([, other]) => [
        entry('1', request, 1),
        entry('2', other, 1),
      ]),
    ],
  ])('is not cancelled by %s', (_what, entries) => {
    expect([...cancelledRequests(entries), ...droppedRequests(entries)]).toEqual([]);
  });
});
