import { type ReceivedHead, type SigningKeys, verifyRequest } from '@app/signing';
import { InternalRequestOutOfTimeError, InternalSignatureInvalidError } from '../errors.js';
import { readBearerToken } from './read-token.js';

/** Requests of our own services, which sign them with keys that nobody else has. */
export class InternalRequests {
  /** @param ageMsMax how far the time in a request may be from ours, in either direction */
  constructor(
    private readonly keys: SigningKeys,
    private readonly clock: () => number,
    private readonly ageMsMax: number,
  ) {}

  /**
   * Lets our own services pass, by the head of a request alone.
   * @returns what its body must hash to, as `content-digest` says it; undefined if that is not known
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

  /** A listener of release 0.1 sends the secret. Goes with the release after this one. */
  #requireSecretOfRelease01({ headers: { authorization } }: ReceivedHead): void {
    const sent = typeof authorization === 'string' ? authorization : undefined;
    const token = readBearerToken({ headers: { authorization: sent } });
    if (token === undefined || !this.keys.acceptsSecretOfRelease01(token)) {
      throw new InternalSignatureInvalidError();
    }
  }
}
