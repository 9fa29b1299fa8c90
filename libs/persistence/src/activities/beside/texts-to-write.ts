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

/** Results whose JSON text is longer than this, in bytes, go into the collection `results`. */
export const TEXT_BESIDE_BYTES_MIN = 16 * 1024;

/**
 * The texts that have to be written before a commit, which refers to them. Each is found by the digest of its
 * content, so it may be written any number of times, and two writers of the same one never conflict.
 */
export class TextsToWrite {
  readonly #byDigest = new Map<string, string>();
  #bytes = 0;

  get byDigest(): ReadonlyMap<string, string> {
    return this.#byDigest;
  }

  /** The bytes of all texts. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A short text as it is; for a long one, a reference to it. */
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
