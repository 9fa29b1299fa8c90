import { mongo, MongooseError } from 'mongoose';
import { StoreUnavailableError } from '../errors.js';
import { isPassingCode } from '../storage/passing-codes.js';

/** Turns what the driver says when MongoDB is out of reach into our word for it; keeps the rest. */
export function asStoreError(operation: string, error: unknown): unknown {
  return meansUnavailable(error) ? new StoreUnavailableError(operation, { cause: error }) : error;
}

function meansUnavailable(error: unknown): boolean {
  if (error instanceof mongo.MongoBulkWriteError) return isAboutTheWholeBatch(error);
  return (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoSystemError ||
    error instanceof mongo.MongoWriteConcernError ||
    error instanceof mongo.MongoTopologyClosedError ||
    error instanceof mongo.MongoNotConnectedError ||
    error instanceof mongo.MongoClientClosedError ||
    (error instanceof MongooseError && error.message.includes('initial connection')) ||
    (error instanceof mongo.MongoServerError && isPassingCode(error.code)) ||
    isRetryable(error)
  );
}

/** The server or the driver marks what another attempt can cure, such as an election. */
function isRetryable(error: unknown): boolean {
  return error instanceof mongo.MongoError && error.hasErrorLabel('RetryableWriteError');
}

/** The driver wraps a lost connection and a failed write concern into it as well. */
function isAboutTheWholeBatch({ writeErrors, result }: mongo.MongoBulkWriteError): boolean {
  return [writeErrors].flat().length === 0 || result.getWriteConcernError() !== undefined;
}
