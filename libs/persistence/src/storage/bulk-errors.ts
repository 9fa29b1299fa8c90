import { mongo } from 'mongoose';
import { StoreWriteRefusedError } from '../errors.js';

const DUPLICATE_KEY = 11000;

/**
 * What MongoDB refused of an unordered bulk write, by position; the rest is written.
 *
 * The driver throws the same class when it lost the connection or the write concern failed. Then it
 * names no items, and that is no sign that they were written.
 * @throws the error itself when it is not about single items, so the whole batch is in doubt
 */
export function bulkErrorsOf(error: unknown): ReadonlyMap<number, mongo.WriteError> {
  if (!(error instanceof mongo.MongoBulkWriteError) || isAboutTheWholeBatch(error)) throw error;
  return new Map([error.writeErrors].flat().map((one) => [one.index, one]));
}

export function isAboutTheWholeBatch({ writeErrors, result }: mongo.MongoBulkWriteError): boolean {
  return [writeErrors].flat().length === 0 || result.getWriteConcernError() !== undefined;
}

export function isDuplicateKey(error: mongo.MongoServerError | mongo.WriteError): boolean {
  return error.code === DUPLICATE_KEY;
}

/** What the one whose item it was is told. */
export function refusedWrite(operation: string, error: mongo.WriteError): Error {
  return new StoreWriteRefusedError(operation, error.code);
}
