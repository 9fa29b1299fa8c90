import { type ReceivedHead, signRequest, verifyRequest } from './signed-request.js';
import { SigningKeys } from './signing-keys.js';

const KEYS = new SigningKeys('a secret that is shared by our services');
const NOW = 1_800_000_000_000;
const AGE_MS_MAX = 60_000;
const REQUEST = { method: 'PUT', path: '/internal/x?y=1', body: Buffer.from('body') };

function received(changes: Partial<ReceivedHead> = {}, at = NOW): ReceivedHead {
  const { method, path } = REQUEST;
  return { method, path, headers: signRequest(KEYS, REQUEST, at), ...changes };
}

function verdictOf(head: ReceivedHead, keys = KEYS): string {
  return verifyRequest(keys, head, NOW, AGE_MS_MAX).kind;
}

describe(verifyRequest.name, () => {
  it('accepts a signed request, and returns the digest that its body must have', () => {
    expect(verifyRequest(KEYS, received(), NOW, AGE_MS_MAX)).toEqual({
      kind: 'signed',
      digest: 'sha-256=:Iw2DWNyOiJC0xY3utikS7i8gNXrpKlzIYbmOaP4xrLU=:',
    });
  });

  it('reports a missing signature', () => {
    expect(verdictOf(received({ headers: {} }))).toBe('unsigned');
  });

  const { headers } = received();
  it.each([
    ['another method', { method: 'POST' }],
    ['another path', { path: '/internal/y?y=1' }],
    ['another query', { path: '/internal/x?y=2' }],
    ['another body', { headers: { ...headers, 'content-digest': 'sha-256=:eA==:' } }],
    ['another time', { headers: { ...headers, 'flow-created': String(NOW + 1) } }],
    ['no time', { headers: { ...headers, 'flow-created': undefined } }],
    ['no digest', { headers: { ...headers, 'content-digest': undefined } }],
    ['two digests', { headers: { ...headers, 'content-digest': ['a', 'b'] } }],
    ['an empty signature', { headers: { ...headers, 'flow-request-signature': '' } }],
  ])('refuses the signature on %s', (_what, changes) => {
    expect(verdictOf(received(changes))).toBe('wrong');
  });

  it('refuses a signature with another secret', () => {
    expect(verdictOf(received(), new SigningKeys('another'))).toBe('wrong');
  });

  it.each([
    [-AGE_MS_MAX, 'signed'],
    [AGE_MS_MAX, 'signed'],
    [-AGE_MS_MAX - 1, 'out-of-time'],
    [AGE_MS_MAX + 1, 'out-of-time'],
  ])('finds a request that was signed at now %d ms %s', (ms, kind) => {
    expect(verdictOf(received({}, NOW + ms))).toBe(kind);
  });

  it('has headers of ASCII only', () => {
    expect(Object.values(headers).join('')).toMatch(/^[\x20-\x7e]+$/);
  });
});
