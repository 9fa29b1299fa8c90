import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { toJsonText, type JsonValue } from '@app/json';
import {
  isJsonText,
  type JsonText,
  type StoredValue,
  type TextBeside,
  toStoredValue,
} from '../../storage/stored-fields.js';

/** Results whose JSON text is longer than this lie beside their activity; in bytes. */
export const TEXT_BESIDE_BYTES_MIN = 16 * 1024;

/**
 * The texts that a commit refers to and that have to be written before it. Each is found by the digest
 * of what it says, so it may be written as often as one likes, and two writers never differ.
 */
export class TextsToWrite {
  readonly #byDigest = new Map<string, string>();
  #bytes = 0;

  get byDigest(): ReadonlyMap<string, string> {
    return this.#byDigest;
  }

  /** Of all of them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** As it is, if it is short; else it goes beside, and a reference takes its place. */
  put(text: JsonText): JsonText | TextBeside {
    const { json } = text;
    const bytes = Buffer.byteLength(json);
    if (bytes <= TEXT_BESIDE_BYTES_MIN) return text;
    const digest = createHash('sha256').update(json).digest('base64url');
    if (!this.#byDigest.has(digest)) this.#bytes += bytes;
    this.#byDigest.set(digest, json);
    return { beside: digest, bytes };
  }

  /** Of any kind. A short scalar stays what it is. */
  putValue(value: JsonValue): StoredValue {
    const stored = toStoredValue(value);
    if (isJsonText(stored)) return this.put(stored);
    if (typeof stored !== 'string' || stored.length * 6 <= TEXT_BESIDE_BYTES_MIN) return stored;
    const text = this.put({ json: toJsonText(stored) });
    return 'beside' in text ? text : stored;
  }
}
