import { hashOf, isSameHash, newSecretText } from './secret-text.js';

describe(newSecretText.name, () => {
  it('has 256 bits after the prefix, in characters that need no quoting', () => {
    const text = newSecretText('bfw_');

    expect(text).toMatch(/^bfw_[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(text.slice(4), 'base64url')).toHaveLength(32);
  });

  it('is never the same', () => {
    const texts = Array.from({ length: 1_000 }, () => newSecretText('bfw_'));

    expect(new Set(texts).size).toBe(1_000);
  });
});

describe(hashOf.name, () => {
  it('is SHA-256 in hex', () => {
    expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe(isSameHash.name, () => {
  it.each([
    ['the same', hashOf('a'), hashOf('a'), true],
    ['the same in capitals', hashOf('a').toUpperCase(), hashOf('a'), true],
    ['another', hashOf('b'), hashOf('a'), false],
    ['a beginning', hashOf('a').slice(0, 62), hashOf('a'), false],
    ['nothing', '', hashOf('a'), false],
    ['no hex', 'z'.repeat(64), hashOf('a'), false],
  ])('compares with %s', (_, stored, given, same) => {
    expect(isSameHash(stored, given)).toBe(same);
  });
});
