import { type FlowError } from '@app/errors';
import { InvalidEventError, type RawEvent } from '@app/events';
import { type Acceptance } from '../../acceptance/event-acceptance.js';
import { EventConflictError, NothingToRecordOnError } from '../../acceptance/errors.js';
import { type BatchEntry, batchEntryOf, batchStatusOf } from './batch-entry.js';
import type { Receipt } from '@flow-eventing/events';

const RAW: RawEvent = { attributes: { id: 'a', source: 7 }, data: undefined, problems: [] };

describe(batchEntryOf, () => {
  const refused: FlowError[] = [];
  const entryOf = (accepting: Promise<Acceptance>): Promise<BatchEntry> =>
    batchEntryOf(RAW, accepting, (error) => refused.push(error));

  beforeEach(() => refused.splice(0));

  it('is the receipt of an accepted event', async () => {
    const receipt = aReceipt();
    const dispatched = Promise.resolve();
    const acceptance = { kind: 'accepted', receipt, activityId: 'b', replayed: false } as const;

    expect(await entryOf(Promise.resolve({ ...acceptance, dispatched }))).toEqual({
      kind: 'accepted',
      body: receipt,
    });
    expect(refused).toEqual([]);
  });

  it('has the id and source of a rejected event, if it has them, and the reason', async () => {
    const invalid = new InvalidEventError([{ attribute: 'type', detail: 'is required' }]);

    expect(await entryOf(Promise.reject(invalid))).toMatchObject({
      kind: 'refused',
      body: { id: 'a', status: 400, code: 'EVENT_INVALID', errors: invalid.problems },
    });
    expect(refused).toEqual([invalid]);
  });

  it('leaves out a source that is not a string', async () => {
    const entry = await entryOf(Promise.reject(new EventConflictError('b')));

    expect(entry.body).not.toHaveProperty('source');
  });

  it.each([
    ['an event that cannot be stored now', new NothingToRecordOnError(undefined)],
    ['a defect', new TypeError('x')],
  ])('does not exist for %s: the error answers the whole batch', async (_what, error) => {
    await expect(entryOf(Promise.reject(error))).rejects.toBe(error);
    expect(refused).toEqual([]);
  });
});

describe(batchStatusOf, () => {
  const accepted: BatchEntry = { kind: 'accepted', body: aReceipt() };
  const refused: BatchEntry = { kind: 'refused', body: { status: 400, code: 'X', detail: '' } };

  it.each([
    [202, 'there is none', []],
    [202, 'all were taken', [accepted, accepted]],
    [207, 'some were taken', [accepted, refused]],
    [400, 'none was taken', [refused, refused]],
  ])('is %d when %s', (status, _when, entries) => {
    expect(batchStatusOf(entries)).toBe(status);
  });
});

function aReceipt(): Receipt {
  return { specversion: '1.0', id: 'a', source: '/s', type: 't', activityid: 'b' };
}
