import { mongo } from 'mongoose';
import { StoreUnavailableError } from '../errors.js';
import { asStoreError } from './store-error.js';

function labelled(label: string): unknown {
  const error = new mongo.MongoServerError({ message: 'not primary', code: 10107 });
  error.addErrorLabel(label);
  return error;
}

describe(asStoreError.name, () => {
  it.each<[string, unknown]>([
    ['a lost connection', new mongo.MongoNetworkError('closed')],
    ['a server that does not answer', new mongo.MongoNetworkTimeoutError('timed out')],
    ['an election', labelled('RetryableWriteError')],
    ['a read that took too long', new mongo.MongoServerError({ message: 'late', code: 50 })],
    [
      'a batch whose connection was lost',
      new mongo.MongoBulkWriteError(new mongo.MongoNetworkError('closed'), {
        getWriteConcernError: () => undefined,
      } as unknown as mongo.MongoBulkWriteError['result']),
    ],
  ])('says "unavailable" for %s and keeps the cause', (_, cause) => {
    const error = asStoreError('test', cause);

    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error).toMatchObject({ cause, kind: 'transient' });
  });

  it.each<[string, unknown]>([
    ['a refused write', new mongo.MongoServerError({ message: 'duplicate', code: 11000 })],
    ['an error of ours', new TypeError('broken')],
  ])('leaves %s as it is', (_, error) => {
    expect(asStoreError('test', error)).toBe(error);
  });
});
