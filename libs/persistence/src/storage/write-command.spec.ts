import { type mongo } from 'mongoose';
import { StoreUnavailableError } from '../errors.js';
import { runWrite } from './write-command.js';

/** A database that answers a write with this. */
function answering(answer: object): mongo.Db {
  return { command: () => Promise.resolve(answer) } as unknown as mongo.Db;
}

const DUPLICATE = { index: 3, code: 11000 };

describe(runWrite.name, () => {
  it('gives what was refused of single items by position', async () => {
    const db = answering({ ok: 1, n: 4, writeErrors: [DUPLICATE] });

    expect(await runWrite(db, 'write', {})).toEqual({
      written: 4,
      refused: new Map([[3, DUPLICATE]]),
    });
  });

  it('counts what an update changed, not what it found', async () => {
    const db = answering({ ok: 1, n: 4, nModified: 3 });

    expect(await runWrite(db, 'write', {})).toEqual({ written: 3, refused: new Map() });
  });

  it.each([
    ['a failed write concern', { writeConcernError: { code: 64, errmsg: 'not in time' } }],
    [
      'a failed write concern beside refused items',
      { writeErrors: [DUPLICATE], writeConcernError: { code: 91, errmsg: 'shutting down' } },
    ],
    ['an item that met a change of the primary', { writeErrors: [{ index: 0, code: 11602 }] }],
  ])('never takes %s for a batch that was written', async (_what, answer) => {
    const db = answering({ ok: 1, n: 4, ...answer });

    await expect(runWrite(db, 'write', {})).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});
