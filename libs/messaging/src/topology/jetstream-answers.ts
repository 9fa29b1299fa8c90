import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { StreamStorageInsufficientError, TopologyMismatchError } from '../errors.js';

const NOT_FOUND: ReadonlySet<number> = new Set([
  JetStreamApiCodes.StreamNotFound,
  JetStreamApiCodes.ConsumerNotFound,
]);

/** The result of `read`; undefined if the stream or consumer does not exist. */
export async function unlessNotFound<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof JetStreamApiError && NOT_FOUND.has(error.code)) return undefined;
    throw error;
  }
}

/** `JSStorageResourcesExceededErr` and `JSInsufficientResourcesErr` of nats-server's errors.json. */
const NO_ROOM: ReadonlySet<number> = new Set([10_047, 10_023]);

/**
 * The error by which the server rejects a change.
 * @throws any other error: a server that is busy or has no leader (503) may accept the change later
 */
export function rejectionIn(error: unknown): JetStreamApiError {
  if (!(error instanceof JetStreamApiError) || error.status === 503) throw error;
  return error;
}

/**
 * @throws StreamStorageInsufficientError when the storage of JetStream is reserved by other streams
 * @throws TopologyMismatchError with `differences` and the server's message, when it rejects otherwise
 */
export async function orMismatch(
  what: string,
  differences: readonly string[],
  change: () => Promise<unknown>,
): Promise<void> {
  try {
    await change();
  } catch (error) {
    const rejection = rejectionIn(error);
    if (NO_ROOM.has(rejection.code)) {
      throw new StreamStorageInsufficientError(what, { cause: rejection });
    }
    throw new TopologyMismatchError(what, [...differences, rejection.message], {
      cause: rejection,
    });
  }
}
