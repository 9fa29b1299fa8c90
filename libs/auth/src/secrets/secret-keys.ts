import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';
import { toJsonText } from '@app/json';
import { type TaskSecret, type WorkflowSecret } from '@app/persistence';
import { SecretsKeyMissingError, SecretUnreadableError } from '../errors.js';

const CIPHER = 'aes-256-gcm';
/** The texts go into the derivation (RFC 5869, `info`): a changed text is another key. */
const LABEL = 'flow-eventing secrets at rest v1';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

interface Key {
  /** Identifies the key without revealing anything about it. */
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * Where a secret belongs. It is authenticated with the ciphertext, so text that is moved elsewhere can't be
 * decrypted.
 */
interface SecretPlace {
  /** A workflow's id, or `*`. */
  readonly workflowId: string;
  readonly secretId: string;
}

/** No workflow and no secret has this id. */
const OF_THE_KEY: SecretPlace = { workflowId: '', secretId: 'check of the key' };

/**
 * Encrypts secrets for MongoDB (AES-256-GCM, with a key derived from `SECRETS_KEY`): those that senders of webhooks
 * sign with, and those that tasks send. While `SECRETS_KEY` is replaced there are two keys: the first one encrypts,
 * both decrypt.
 */
export class SecretKeys {
  readonly #keys: readonly Key[];

  constructor(secret: string | undefined, previous?: string) {
    this.#keys = [secret, previous].filter((text) => text !== undefined).map(keyOf);
  }

  /** @throws SecretsKeyMissingError */
  encrypt(text: string, place: SecretPlace): string {
    const [key] = this.#keys;
    if (!key) throw new SecretsKeyMissingError();
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, key.bytes, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(placeBytes(place));
    const encrypted = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]);
    const whole = Buffer.concat([encrypted, cipher.getAuthTag()]).toString('base64url');
    return `${VERSION}.${key.id}.${whole}`;
  }

  get hasKey(): boolean {
    return this.#keys.length > 0;
  }

  /** @throws SecretsKeyMissingError */
  encryptTaskSecret(text: string, scope: string, name: string): string {
    return this.encrypt(text, placeOfTask(scope, name));
  }

  /** @throws SecretUnreadableError */
  decryptTaskSecret({ name, encrypted }: TaskSecret, scope: string): string {
    return this.decrypt({ id: placeOfTask(scope, name).secretId, encrypted }, scope);
  }

  /** A ciphertext by which a later start can tell whether it has the same key. @throws SecretsKeyMissingError */
  newCheck(): string {
    return this.encrypt('', OF_THE_KEY);
  }

  /** Whether such a ciphertext was made with the key in use, with the one before it, or with neither. */
  madeWith(check: string): 'current' | 'previous' | 'unknown' {
    try {
      this.decrypt({ id: OF_THE_KEY.secretId, encrypted: check }, OF_THE_KEY.workflowId);
    } catch {
      return 'unknown';
    }
    return check.split('.')[1] === this.#keys[0]?.id ? 'current' : 'previous';
  }

  /** @throws SecretUnreadableError when it was encrypted with another key, elsewhere, or is damaged */
  decrypt({ id, encrypted }: Pick<WorkflowSecret, 'id' | 'encrypted'>, workflowId: string): string {
    const [version, keyId, text = ''] = encrypted.split('.');
    const key = this.#keys.find((known) => known.id === keyId);
    const bytes = Buffer.from(text, 'base64url');
    if (version !== VERSION || !key || bytes.length < IV_BYTES + TAG_BYTES)
      throw new SecretUnreadableError(id);
    try {
      const iv = bytes.subarray(0, IV_BYTES);
      const decipher = createDecipheriv(CIPHER, key.bytes, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(placeBytes({ workflowId, secretId: id }));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const opened = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new SecretUnreadableError(id, { cause });
    }
  }
}

function keyOf(secret: string): Key {
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', LABEL, KEY_BYTES));
  return { id: hash('sha256', bytes, 'hex').slice(0, 8), bytes };
}

/** Ids of tasks' secrets have no colon. */
function placeOfTask(scope: string, name: string): SecretPlace {
  return { workflowId: scope, secretId: `task:${name}` };
}

function placeBytes({ workflowId, secretId }: SecretPlace): Buffer {
  return Buffer.from(toJsonText([workflowId, secretId]));
}
