import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/*
 * Verifies messages of release 0.1: dispatches with an HMAC whose key was the secret itself, and requests with the
 * secret as a bearer token. They are accepted for one release, so that both releases can run side by side during an
 * upgrade and messages that 0.1 left in NATS are still handled. This release sends neither.
 */

export function isSignedByRelease01(
  secrets: readonly string[],
  header: string,
  payload: Uint8Array,
  signature: string,
): boolean {
  const given = Buffer.from(signature, 'base64url');
  let isRight = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(`${header}\n`).update(payload).digest();
    isRight = (given.length === expected.length && timingSafeEqual(given, expected)) || isRight;
  }
  return isRight;
}

export function isSecretOfRelease01(secrets: readonly string[], text: string): boolean {
  const given = hash('sha256', text, 'buffer');
  let isRight = false;
  for (const secret of secrets) {
    isRight = timingSafeEqual(given, hash('sha256', secret, 'buffer')) || isRight;
  }
  return isRight;
}
