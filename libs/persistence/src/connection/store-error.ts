import { FlowError } from '@app/errors';
import { Error as MongooseError, mongo } from 'mongoose';
import { StoreUnavailableError } from '../errors.js';
import { isTransientCode } from '../storage/transient-codes.js';

/**
 * The error of a failed read or write for its caller. A definite answer of the server, and an error
 * that is certainly a defect of ours, stay as they are. Every other error becomes
 * `StoreUnavailableError`, because it is unknown whether the operation was done: an error of the
 * socket, an unknown error of the driver, an answer that can't be parsed.
 */
export function asStoreError(operation: string, error: unknown): unknown {
  if (error instanceof FlowError || isDefinite(error)) return error;
  return new StoreUnavailableError(operation, { cause: error });
}

/** Whether repeating the operation is sure to end the same way. */
function isDefinite(error: unknown): boolean {
  if (error instanceof mongo.MongoServerError) return isDefiniteAnswer(error);
  return isFaultOfOurs(error);
}

/** Labels by which the server or the driver marks what another attempt can cure. */
const TRANSIENT_LABELS = [
  'RetryableWriteError',
  'RetryableError',
  'TransientTransactionError',
  'UnknownTransactionCommitResult',
  'SystemOverloadedError',
  // The connection was refused, before the server had read what was asked.
  'HandshakeError',
];

function isDefiniteAnswer(error: mongo.MongoServerError): boolean {
  if (error instanceof mongo.MongoWriteConcernError) return false;
  if (TRANSIENT_LABELS.some((label) => error.hasErrorLabel(label))) return false;
  if (error instanceof mongo.MongoBulkWriteError) return isAboutItems(error);
  return error.code !== undefined && !isTransientCode(error.code);
}

/** The driver wraps a lost connection and a failed write concern into it as well. */
function isAboutItems({ writeErrors, result }: mongo.MongoBulkWriteError): boolean {
  const items = [writeErrors].flat();
  if (items.length === 0 || result.getWriteConcernError() !== undefined) return false;
  return !items.some(({ code }) => isTransientCode(code));
}

/** A program's faults, and what the driver or mongoose refuses to send. */
const FAULTS_OF_OURS = [
  TypeError,
  RangeError,
  ReferenceError,
  SyntaxError,
  mongo.BSON.BSONError,
  mongo.MongoInvalidArgumentError,
  mongo.MongoParseError,
  mongo.MongoCompatibilityError,
  mongo.MongoMissingCredentialsError,
  mongo.MongoMissingDependencyError,
  MongooseError.CastError,
  MongooseError.ValidationError,
  MongooseError.ValidatorError,
  MongooseError.StrictModeError,
  MongooseError.MissingSchemaError,
];

function isFaultOfOurs(error: unknown): boolean {
  return FAULTS_OF_OURS.some((fault) => error instanceof fault);
}
