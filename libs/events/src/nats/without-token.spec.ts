import { Buffer } from 'node:buffer';
import { withoutToken } from './without-token.js';

function payloadAfter(payload: string): string {
  const kept = withoutToken({ headers: {}, payload: Buffer.from(payload) });
  return Buffer.from(kept.payload).toString();
}

describe(withoutToken.name, () => {
  it.each([
    ['a member', '{"id":"1","token":"secret"}', '{"id":"1","token":"******"}'],
    ['one after spaces', '{"token" :\n "secret"}', '{"token" :\n "******"}'],
    ['one with escapes', '{"token":"se\\"cr\\\\et"}', '{"token":"**********"}'],
    ['one whose end is missing', '{"token":"secr', '{"token":"****'],
    ['several', '{"token":"a","token":"b"}', '{"token":"*","token":"*"}'],
    ['one in what is no JSON', 'xx "token":"secret" yy', 'xx "token":"******" yy'],
  ])('masks %s', (_what, payload, masked) => {
    expect(payloadAfter(payload)).toBe(masked);
  });

  it.each(['{"tokens":"a"}', '{"token":1}', 'token', '{"id":"ä","type":"token"}', ''])(
    'leaves %s as it is',
    (payload) => {
      expect(payloadAfter(payload)).toBe(payload);
    },
  );

  it('leaves bytes that are no text as they are', () => {
    const payload = Buffer.from([0xff, 0x00, 0x80, 0x22, 0xc3]);

    expect(Buffer.from(withoutToken({ headers: {}, payload }).payload)).toEqual(payload);
  });

  it('masks the header of binary mode, and no other', () => {
    const headers = { 'CE-Token': ['secret', 'other'], 'ce-id': ['1'] };
    const kept = withoutToken({ headers, payload: new Uint8Array(), stream: 'FLOW_EVENTS' });

    expect(kept.headers).toEqual({ 'CE-Token': ['******', '*****'], 'ce-id': ['1'] });
    expect(kept.stream).toBe('FLOW_EVENTS');
  });
});
