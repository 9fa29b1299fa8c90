import { decodeDispatch, type ReceivedDispatch, type ReceivedMessage } from '@app/events';
import { type JsonLimits } from '@app/json';
import { type SigningKeys } from '@app/signing';

/**
 * Reads dispatches, whatever they came over: with the keys that they are signed with, and within the bounds
 * that are set for those without a signature.
 */
export class DispatchReader {
  constructor(
    private readonly keys: SigningKeys,
    private readonly limits: JsonLimits,
  ) {}

  /** @throws what `decodeDispatch` throws */
  readonly read = (message: ReceivedMessage): ReceivedDispatch =>
    decodeDispatch(message, this.keys, this.limits);
}
