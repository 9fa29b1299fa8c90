import { StoreUnsupportedError } from '../errors.js';

/** The part of MongoDB's answer to `hello` with its replica set, wire version and time. */
export interface Hello {
  readonly setName?: string;
  readonly maxWireVersion?: number;
  readonly isWritablePrimary?: boolean;
  readonly localTime?: Date;
}

/** The wire version that MongoDB 6.0 speaks. */
const WIRE_VERSION_MIN = 17;

/**
 * Majority writes and the transactions that create a workflow need a replica set; the update
 * operators used here need MongoDB 6.0.
 * @throws StoreUnsupportedError
 */
export function checkServer(hello: Hello): void {
  if ((hello.maxWireVersion ?? 0) < WIRE_VERSION_MIN) {
    throw new StoreUnsupportedError('it is older than 6.0; upgrade it');
  }
  if (hello.setName === undefined) {
    throw new StoreUnsupportedError(
      'it is not a member of a replica set; start it with --replSet and run rs.initiate() once ' +
        '(a set of one is fine)',
    );
  }
}
