import { mongo } from 'mongoose';
import { bulkErrorsOf } from './bulk-errors.js';

type Result = mongo.MongoBulkWriteError['result'];

/** As the driver makes it: with write errors, or around whatever else went wrong. */
function aBulkError(
  error: ConstructorParameters<typeof mongo.MongoBulkWriteError>[0],
  writeConcernError?: object,
): mongo.MongoBulkWriteError {
  const result = { getWriteConcernError: () => writeConcernError } as unknown as Result;
  return new mongo.MongoBulkWriteError(error, result);
}

const DUPLICATE = { index: 3, code: 11000 } as unknown as mongo.WriteError;

describe(bulkErrorsOf.name, () => {
  it('gives the errors of single items by position', () => {
    const error = aBulkError({ message: 'some', code: 11000, writeErrors: [DUPLICATE] });

    expect(bulkErrorsOf(error)).toEqual(new Map([[3, DUPLICATE]]));
  });

  it.each([
    ['a lost connection', aBulkError(new mongo.MongoNetworkError('connection closed'))],
    ['a server error', aBulkError(new mongo.MongoServerError({ message: 'no', code: 91 }))],
    ['a failed write concern', aBulkError({ message: 'no', code: 64 }, {})],
    [
      'a failed write concern beside errors of items',
      aBulkError({ message: 'no', code: 64, writeErrors: [DUPLICATE] }, {}),
    ],
    ['an error of ours', new Error('broken')],
  ])('never takes %s for a batch that was written', (_, error) => {
    expect(() => bulkErrorsOf(error)).toThrow(error);
  });
});
