import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The random part of a token: 256 bits. */
const SECRET_BYTES = 32;

/** A new secret with a prefix that says what it is for, such as `bfw_`. */
export function newSecretText(prefix: string): string {
  return prefix + randomBytes(SECRET_BYTES).toString('base64url');
}

/**
 * The form a secret is stored in: SHA-256, 64 hex digits. No salt and no slow hash are needed for 256
 * random bits: there is nothing to guess them from.
 */
export function hashOf(secretText: string): string {
  return hash('sha256', secretText);
}

/** Compares in constant time; the lengths of the texts do not matter because hashes are compared. */
export function isSameHash(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left, 'hex'), Buffer.from(right, 'hex')];
  return a.length === b.length && timingSafeEqual(a, b);
}
