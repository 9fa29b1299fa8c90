import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { StreamStorageInsufficientError, TopologyMismatchError } from '../errors.js';

const NOT_FOUND: ReadonlySet<number> = new Set([
  JetStreamApiCodes.StreamNotFound,
  JetStreamApiCodes.ConsumerNotFound,
]);

/** What `read` gives, or undefined where there is no such stream or consumer. */
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
 * What the server says against a change, if it is a no.
 * @throws the error, if it is none: a server that has no time or no leader now (503) may do it later
 */
export function rejectionIn(error: unknown): JetStreamApiError {
  if (!(error instanceof JetStreamApiError) || error.status === 503) throw error;
  return error;
}

/**
 * @throws StreamStorageInsufficientError when the disk that JetStream may take is given away
 * @throws TopologyMismatchError with `differences` and the server's words, when it refuses otherwise
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
