import { type ReceivedHead, type SigningKeys, verifyRequest } from '@app/signing';
import { InternalRequestOutOfTimeError, InternalSignatureInvalidError } from '../errors.js';
import { readBearerToken } from './read-token.js';

/** Verifies requests of our own services, which sign them with keys that only they have. */
export class InternalRequests {
  /** @param ageMsMax how far the time in a request may be from ours, in either direction */
  constructor(
    private readonly keys: SigningKeys,
    private readonly clock: () => number,
    private readonly ageMsMax: number,
  ) {}

  /**
   * Verifies the head of a request.
   * @returns what the hash of its body must be, as in `content-digest`; undefined if it is not known
   * @throws InternalSignatureInvalidError, InternalRequestOutOfTimeError
   */
  authorize(head: ReceivedHead): string | undefined {
    const verdict = verifyRequest(this.keys, head, this.clock(), this.ageMsMax);
    switch (verdict.kind) {
      case 'signed':
        return verdict.digest;
      case 'unsigned':
        this.#requireSecretOfRelease01(head);
        return undefined;
      case 'wrong':
        throw new InternalSignatureInvalidError();
      case 'out-of-time':
        throw new InternalRequestOutOfTimeError(verdict.ageMs, this.ageMsMax);
    }
  }

  /** A listener of release 0.1 sends the secret itself. This is removed with the release after this one. */
  #requireSecretOfRelease01({ headers: { authorization } }: ReceivedHead): void {
    const sent = typeof authorization === 'string' ? authorization : undefined;
    const token = readBearerToken({ headers: { authorization: sent } });
    if (token === undefined || !this.keys.acceptsSecretOfRelease01(token)) {
      throw new InternalSignatureInvalidError();
    }
  }
}
