import fc from 'fast-check';
import { Error as MongooseError, mongo } from 'mongoose';
import { ActivityNotFoundError, StoreUnavailableError } from '../errors.js';
import { asStoreError } from './store-error.js';

/** What Node's sockets and TLS say, without a word of the driver around it. */
const SOCKET_CODES = [
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EMFILE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_SSL_BAD_RECORD_TYPE',
  'CERT_HAS_EXPIRED',
];

/** The classes of the driver that are a fault of ours; whatever else it has or gets is not. */
const FAULTS = [
  'MongoCompatibilityError',
  'MongoInvalidArgumentError',
  'MongoMissingCredentialsError',
  'MongoMissingDependencyError',
  'MongoParseError',
];

function serverError(code?: number, ...labels: string[]): mongo.MongoServerError {
  const error = new mongo.MongoServerError({ message: 'no', ...(code !== undefined && { code }) });
  for (const label of labels) error.addErrorLabel(label);
  return error;
}

function bulkError(
  writeErrors: readonly { readonly code: number }[],
  cause: Error,
  writeConcernError?: object,
): mongo.MongoBulkWriteError {
  const result = { getWriteConcernError: () => writeConcernError };
  const failed = result as unknown as mongo.MongoBulkWriteError['result'];
  const error = new mongo.MongoBulkWriteError(cause, failed);
  error.writeErrors = writeErrors as unknown as mongo.MongoBulkWriteError['writeErrors'];
  return error;
}

/** An object of each class of errors that the driver has, without its constructor's demands. */
function errorsOfTheDriver(): readonly (readonly [string, unknown])[] {
  return Object.entries(mongo).flatMap(([name, exported]) =>
    typeof exported === 'function' && name.endsWith('Error')
      ? [[name, Object.create(exported.prototype as object) as unknown] as const]
      : [],
  );
}

describe(asStoreError.name, () => {
  it.each<[string, unknown]>([
    ...SOCKET_CODES.map((code): [string, unknown] => [
      `a socket's ${code}`,
      Object.assign(new Error(`write ${code}`), { code, syscall: 'write' }),
    ]),
    ['a lost connection', new mongo.MongoNetworkError('closed')],
    ['a server that does not answer', new mongo.MongoNetworkTimeoutError('timed out')],
    ['no server to be found', new MongooseError.MongooseServerSelectionError('none')],
    ['a connection that was never made', new MongooseError('buffering timed out after 10000ms')],
    ['an election', serverError(10107, 'RetryableWriteError')],
    ['a transaction that may go well next time', serverError(251, 'TransientTransactionError')],
    ['a commit with an unknown end', serverError(11111, 'UnknownTransactionCommitResult')],
    ['a server that sheds load', serverError(462, 'SystemOverloadedError', 'RetryableError')],
    ['credentials that a new connection is refused with', serverError(18, 'HandshakeError')],
    ['a read that took too long', serverError(50)],
    ['a disk that is full', serverError(14031)],
    ['an answer without a code', serverError()],
    ['a batch whose connection was lost', bulkError([], new mongo.MongoNetworkError('closed'))],
    ['a batch that a shutdown broke off', bulkError([{ code: 91 }], serverError(91))],
    ['a batch that is not durable', bulkError([{ code: 11000 }], serverError(11000), { code: 64 })],
    ['an abort', new DOMException('aborted', 'AbortError')],
    ['what is no error at all', 'gone'],
    ['nothing', undefined],
  ])('says "unavailable" for %s and keeps the cause', (_, cause) => {
    const error = asStoreError('test', cause);

    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error).toMatchObject({ kind: 'transient' });
    expect((error as Error).cause).toBe(cause);
  });

  it.each<[string, unknown]>([
    ['a refused write', serverError(11000)],
    ['a document that the server finds invalid', serverError(121)],
    ['a batch with refused items', bulkError([{ code: 11000 }], serverError(11000))],
    ['a fault of the program', new TypeError('broken')],
    ['what BSON cannot hold', new mongo.BSON.BSONError('circular')],
    ['a value that no schema takes', new MongooseError.CastError('string', {}, 'name')],
    ['an error that was raised on purpose', new ActivityNotFoundError('a1')],
  ])('leaves %s as it is', (_, error) => {
    expect(asStoreError('test', error)).toBe(error);
  });

  it('says "unavailable" for every class of the driver that is not known to be definite', () => {
    const definite = errorsOfTheDriver()
      .filter(([, error]) => !(error instanceof mongo.MongoServerError))
      .filter(([, error]) => asStoreError('test', error) === error)
      .map(([name]) => name);

    expect(definite.toSorted()).toEqual(FAULTS);
  });

  it('says "unavailable" for whatever else there is, whatever it is called and carries', () => {
    fc.assert(
      fc.property(fc.string(), fc.anything(), (message, code) => {
        const error = Object.assign(new Error(message), { code });
        expect(asStoreError('test', error)).toBeInstanceOf(StoreUnavailableError);
      }),
    );
  });
});
