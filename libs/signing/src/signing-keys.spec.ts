import fc from 'fast-check';
import { anyText } from '@app/errors/testing';
import { SigningKeys, type SigningUse } from './signing-keys.js';

const SECRET = 'a secret that is shared by our services';
const KEYS = new SigningKeys(SECRET);
const USES: readonly SigningUse[] = ['dispatch', 'request', 'notice', 'origin'];

const part = fc.oneof(anyText(), fc.uint8Array());
const parts = fc.array(part, { maxLength: 4 });

describe(SigningKeys.name, () => {
  it('verifies its own signatures for the same use and parts, and for no others', () => {
    fc.assert(
      fc.property(parts, parts, (signed, others) => {
        const signature = KEYS.sign('request', signed);

        expect(KEYS.verify('request', signed, signature)).toBe(true);
        const same = bytesOf(signed) === bytesOf(others);
        expect(KEYS.verify('request', others, signature)).toBe(same);
      }),
    );
  });

  it('distinguishes parts that have the same concatenation', () => {
    const signature = KEYS.sign('request', ['ab', 'c']);

    expect(KEYS.verify('request', ['a', 'bc'], signature)).toBe(false);
    expect(KEYS.verify('request', ['abc'], signature)).toBe(false);
    expect(KEYS.verify('request', ['ab', 'c', ''], signature)).toBe(false);
  });

  it('has a key of its own for each use', () => {
    const signatures = USES.map((use) => KEYS.sign(use, ['x']));

    expect(new Set(signatures).size).toBe(USES.length);
    for (const use of USES) {
      const fits = signatures.filter((signature) => KEYS.verify(use, ['x'], signature));
      expect(fits).toEqual([KEYS.sign(use, ['x'])]);
    }
  });

  it('derives the same keys in every process and release', () => {
    expect(KEYS.sign('dispatch', ['facts', 'event'])).toBe(
      'v1,llcLR1UamiahX0Iofhjw-5_Dj1uI4Uyfkj5JWmNs1jI',
    );
  });

  it('lets a secret be replaced in any order of processes', () => {
    const before = new SigningKeys('old');
    const during = new SigningKeys('new', 'old');
    const after = new SigningKeys('new');
    const isTaken = (signer: SigningKeys, verifier: SigningKeys): boolean =>
      verifier.verify('notice', ['x'], signer.sign('notice', ['x']));

    for (const [one, other] of [[before, during] as const, [during, after] as const]) {
      expect([isTaken(one, other), isTaken(other, one)]).toEqual([true, true]);
    }
    expect([isTaken(before, after), isTaken(after, before)]).toEqual([false, false]);
  });

  it.each([
    '',
    ' ',
    'v1,',
    'v2,x',
    'x',
    KEYS.sign('request', ['y']),
    KEYS.sign('request', ['x']).slice(3),
  ])('does not take "%s" for a signature', (text) => {
    expect(KEYS.verify('request', ['x'], text)).toBe(false);
  });

  it('compares at most four signatures', () => {
    const right = KEYS.sign('request', ['x']);
    const many = Array.from({ length: 5 }, () => KEYS.sign('request', ['y']));

    expect(KEYS.verify('request', ['x'], [many[0], right].join(' '))).toBe(true);
    expect(KEYS.verify('request', ['x'], [...many, right].join(' '))).toBe(false);
  });

  it('accepts the secret itself, as release 0.1 sent it', () => {
    expect(KEYS.acceptsSecretOfRelease01(SECRET)).toBe(true);
    expect(KEYS.acceptsSecretOfRelease01(`${SECRET}x`)).toBe(false);
    expect(new SigningKeys('new', SECRET).acceptsSecretOfRelease01(SECRET)).toBe(true);
  });
});

function bytesOf(signed: readonly (string | Uint8Array)[]): string {
  return JSON.stringify(signed.map((one) => Buffer.from(one).toString('hex')));
}
