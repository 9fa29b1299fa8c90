import { mongo } from 'mongoose';
import { StoreUnavailableError, StoreWriteRefusedError } from '../errors.js';
import { isTransientCode } from './transient-codes.js';

/** A write of one item that MongoDB refused; the rest of its batch is written. */
export interface WriteRejection {
  readonly code: number;
}

export interface WriteAnswer {
  /** The number of documents that were inserted or changed. */
  readonly written: number;
  /** The rejected writes, by position in the batch. */
  readonly refused: ReadonlyMap<number, WriteRejection>;
}

interface ServerAnswer {
  readonly n: number;
  /** Present for an update only. */
  readonly nModified?: number;
  readonly writeErrors?: readonly { readonly index: number; readonly code: number }[];
  readonly writeConcernError?: mongo.ErrorDescription;
}

const DUPLICATE_KEY = 11000;

/** MongoDB answers when a majority of the members has the write in their journals. */
const DURABLE = { w: 'majority', j: true } as const;

/**
 * Sends a batch of writes as one `insert` or `update` command of the server, unordered, so that writes do not affect
 * each other. The driver's `insertMany` and `bulkWrite` measure each document before they serialize it, and number
 * each write to make it retryable, of which MongoDB keeps a record: a fifth of the cost of an event (docs/adr/0009). A
 * command is one document, so a batch must stay below 16 MiB.
 *
 * @throws StoreUnavailableError when it is unknown which of the writes are durable
 */
export async function runWrite(
  db: mongo.Db,
  operation: string,
  command: mongo.Document,
): Promise<WriteAnswer> {
  const whole = { ...command, ordered: false, writeConcern: DURABLE };
  const answer = (await db.command(whole, { ignoreUndefined: true })) as unknown as ServerAnswer;
  const { n, nModified = n, writeErrors = [], writeConcernError } = answer;
  if (writeConcernError !== undefined) {
    const cause = new mongo.MongoServerError(writeConcernError);
    throw new StoreUnavailableError(operation, { cause });
  }
  if (writeErrors.some(({ code }) => isTransientCode(code)))
    throw new StoreUnavailableError(operation);
  return { written: nModified, refused: new Map(writeErrors.map((error) => [error.index, error])) };
}

export function isDuplicateKey({ code }: WriteRejection): boolean {
  return code === DUPLICATE_KEY;
}

/** The same of a write of the driver or of mongoose, which rejects. */
export function isDuplicateKeyError(error: unknown): error is mongo.MongoServerError {
  return error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

/** The error for the caller whose item was rejected. */
export function refusedWrite(operation: string, { code }: WriteRejection): Error {
  return new StoreWriteRefusedError(operation, code);
}
