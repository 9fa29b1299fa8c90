import { createHash } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import { InternalSignatureInvalidError } from '@app/auth';
import { digestHeader } from '@app/signing';

/**
 * A body whose digest was signed. Reading it to the end throws `InternalSignatureInvalidError` when its bytes have
 * another digest.
 */
export function bodyWithDigest(body: Readable, digest: string): Readable {
  const sha256 = createHash('sha256');
  const checked = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      sha256.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const isSigned = digestHeader(sha256.digest('base64')) === digest;
      done(isSigned ? null : new InternalSignatureInvalidError());
    },
  });
  body.on('error', (error) => checked.destroy(error));
  return body.pipe(checked);
}
