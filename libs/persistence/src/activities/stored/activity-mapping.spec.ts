import { NOW, aNewActivity, aState, anEvent, jsonData } from '../../testing/builders.js';
import { toDocument, toDomain } from './activity-mapping.js';
import { stateChange } from './state-change.js';

describe('an activity that is stored and read again', () => {
  it('is the same when it is new', () => {
    const activity = aNewActivity({
      event: anEvent({ subject: '/a', extensions: { n: 1 }, data: jsonData([1]) }),
      request: { query: { $q: ['1', '2'] }, headers: { 'x-github-event': 'push' } },
    });

    expect(toDomain(toDocument(activity))).toEqual({
      ...activity,
      status: 'queued',
      lockVersion: 1,
      inbox: [],
    });
  });

  it('keeps the state of the engine, with fields that this library does not know', () => {
    const failure = { level: 'task', code: 'A_CODE', message: 'no', task: 'b' } as const;
    const state = {
      ...aState({
        status: 'failed',
        endedAt: NOW,
        failure,
        results: { deep: { $set: [1] } },
        tasks: {
          a: { status: 'succeeded', attempt: 1, startedAt: 1, endedAt: 2, results: { r: [null] } },
          b: { status: 'failed', attempt: 2, startedAt: 3, endedAt: 4, failure },
        },
        waitingFor: [{ task: 'a', kind: 'call', what: 'nothing', since: 1 }],
      }),
      added: { later: ['by', 'the engine'] },
      flag: false,
      nothing: null,
    };

    const stored = {
      ...toDocument(aNewActivity()),
      ...stateChange(state).set,
      status: 'failed' as const,
    };

    expect(toDomain(stored).state).toEqual(state);
    expect(toDomain(stored).failure).toEqual(failure);
  });

  it('stores the objects of users as text', () => {
    const state = aState({ results: { r: { s: 1 } }, params: { p: [1] } } as object);

    expect(stateChange(state).set.run).toEqual({
      startedAt: NOW,
      results: { json: '{"r":{"s":1}}' },
      params: { json: '{"p":[1]}' },
    });
  });
});
