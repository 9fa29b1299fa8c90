import { NOW } from '../src/testing/builders.js';

/** Enough that a query which reads what it does not return is told from one that does not. */
export const SUCCEEDED = 20_000;
/** Much begins so long after now, all at the same time: soon enough to be looked for early. */
export const LATER_MS = 10_000;
const MINUTE_MS = 60_000;

/** Activities of every kind, as they are stored. */
export function aFullStore(): readonly object[] {
  const made: object[] = [];
  const add = (status: string, count: number, rest: (index: number) => object): void => {
    for (let index = 0; index < count; index += 1) {
      made.push({
        _id: `${made.length}`.padStart(32, '0'),
        workflowId: index % 50 === 0 ? 'quiet' : 'busy',
        workflowRevision: 1,
        trigger: 'event',
        status,
        revision: 2,
        createdAt: new Date(NOW - made.length * 1_000),
        inbox: [],
        ...rest(index),
      });
    }
  };
  const failure = { level: 'workflow', code: 'SOME', message: 'some' };
  const run = { startedAt: NOW, endedAt: NOW, results: { json: '{}' } };
  const refusal = { count: 1, firstAt: new Date(NOW), lastAt: new Date(NOW) };
  const waits = (index: number): object => ({
    wakeAt: new Date(NOW + (index % 3_000) * MINUTE_MS),
  });
  add('queued', 30, waits);
  // What this build lacks: due, and more than any claim may read past.
  add('queued', 2_000, (index) => ({
    wakeAt: new Date(NOW - MINUTE_MS - index),
    requires: ['task:sleep'],
    gate: 'task:sleep',
  }));
  add('queued', 4_000, () => ({
    revision: 1,
    notBefore: new Date(NOW + LATER_MS),
    wakeAt: new Date(NOW + LATER_MS),
    requires: ['start:later'],
    gate: 'start:later',
  }));
  add('waiting', 3_000, waits);
  add('succeeded', SUCCEEDED - 500, () => ({ run }));
  // Over, and with something to deliver that this build can't.
  add('succeeded', 500, (index) => ({
    run,
    wakeAt: new Date(NOW - MINUTE_MS - index),
    requires: ['delivery:lock'],
    gate: 'delivery:lock',
  }));
  add('failed', 25, () => ({ run, failure }));
  add('failed', 3_000, () => ({ failure, refusal, refused: true }));
  add('failed', 25, () => ({ run, failure }));
  add('cancelled', 3, () => ({ run, failure }));
  return made;
}
