import { type SigningKeys } from './signing-keys.js';

const CREATED_HEADER = 'flow-created';
const SIGNATURE_HEADER = 'flow-signature';
const DIGITS = /^\d{1,15}$/;

/** A message that is stored nowhere, such as one over core NATS. */
export interface Notice {
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** The headers that make it a signed notice: subject, time and payload are signed together. */
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
 * Whether it is ours and of this time. Within `ageMsMax` it may come twice: a notice has to be one
 * that may.
 * @param headerOf gives a header's value, or an empty text
 */
export function isOurNotice(
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
