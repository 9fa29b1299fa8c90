import { contentDigest, signRequest, SigningKeys } from '@app/signing';
import { InternalRequestOutOfTimeError, InternalSignatureInvalidError } from '../errors.js';
import { InternalRequests } from './internal-requests.js';

const SECRET = 'a-secret-that-is-shared-by-our-services';
const NOW = 1_800_000_000_000;
const requests = new InternalRequests(new SigningKeys(SECRET), () => NOW, 60_000);

function authorize(headers: Readonly<Record<string, string>>): string | undefined {
  return requests.authorize({ method: 'PUT', path: '/x', headers });
}

function signedBy(secret: string, at = NOW): Readonly<Record<string, string>> {
  return signRequest(new SigningKeys(secret), { method: 'PUT', path: '/x' }, at);
}

describe(InternalRequests.name, () => {
  it('accepts what our own services have signed, and returns the digest of its body', () => {
    expect(authorize(signedBy(SECRET))).toBe(contentDigest(Buffer.of()));
  });

  it.each([
    ['nothing', {}],
    ['a signature of somebody else', signedBy('another')],
    ['a wrong token', { authorization: 'Bearer wrong' }],
    [
      'a wrong signature with the secret of 0.1',
      { ...signedBy('x'), authorization: `Bearer ${SECRET}` },
    ],
    ['the secret without "Bearer"', { authorization: SECRET }],
  ])('refuses %s', (_what, headers) => {
    expect(() => authorize(headers)).toThrow(InternalSignatureInvalidError);
  });

  it('names the reason when a signed request is too old or too new', () => {
    expect(() => authorize(signedBy(SECRET, NOW - 60_001))).toThrow(InternalRequestOutOfTimeError);
  });

  it('accepts a request of release 0.1', () => {
    expect(authorize({ authorization: `Bearer ${SECRET}` })).toBeUndefined();
  });
});
