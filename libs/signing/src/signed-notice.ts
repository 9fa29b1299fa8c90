import { type SigningKeys } from './signing-keys.js';

const CREATED_HEADER = 'flow-created';
const SIGNATURE_HEADER = 'flow-signature';
const DIGITS = /^\d{1,15}$/;

/** A message that is not stored, such as one over core NATS. */
export interface Notice {
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** The headers of a signed notice. Subject, time and payload are signed together. */
export function signNotice(
  keys: SigningKeys,
  { subject, payload }: Notice,
  nowMs: number,
): Readonly<Record<string, string>> {
  const created = String(Math.floor(nowMs));
  return {
    [CREATED_HEADER]: created,
    [SIGNATURE_HEADER]: keys.sign('notice', [subject, created, payload]),
  };
}

/**
 * Whether a notice has a valid signature and is not older than `ageMsMax` milliseconds, nor that far in the future.
 * A replay within that time is not detected, so every notice must be idempotent.
 * @param headerOf returns a header's value, or an empty text
 */
export function verifyNotice(
  keys: SigningKeys,
  { subject, payload }: Notice,
  headerOf: (name: string) => string,
  nowMs: number,
  ageMsMax: number,
): boolean {
  const created = headerOf(CREATED_HEADER);
  const isOurs = keys.verify('notice', [subject, created, payload], headerOf(SIGNATURE_HEADER));
  return isOurs && DIGITS.test(created) && Math.abs(nowMs - Number(created)) <= ageMsMax;
}
