import { Readable } from 'node:stream';
import { InternalSignatureInvalidError } from '@app/auth';
import { contentDigest } from '@app/signing';
import { bodyWithDigest } from './body-with-digest.js';

async function read(sent: readonly string[], signed: string): Promise<string> {
  const body = bodyWithDigest(
    Readable.from(sent.map((chunk) => Buffer.from(chunk))),
    contentDigest(Buffer.from(signed)),
  );
  return Buffer.concat((await body.toArray()) as Uint8Array[]).toString();
}

describe(bodyWithDigest.name, () => {
  it('returns the signed body, in any number of chunks', async () => {
    expect(await read(['ab', 'c'], 'abc')).toBe('abc');
    expect(await read([], '')).toBe('');
  });

  it.each([[['abd']], [['ab']], [[]], [['abc', 'd']]])(
    'fails with the body %j instead',
    async (sent) => {
      await expect(read(sent, 'abc')).rejects.toThrow(InternalSignatureInvalidError);
    },
  );

  it('fails when the body breaks off', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('broken off'));
      },
    });

    await expect(bodyWithDigest(broken, '').toArray()).rejects.toThrow('broken off');
  });
});
