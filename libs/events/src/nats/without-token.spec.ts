import { Buffer } from 'node:buffer';
import fc from 'fast-check';
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
    [
      'one whose name is written with an escape',
      '{"\\u0074oken":"secret"}',
      '{"\\u0074oken":"******"}',
    ],
    [
      'one after a text that never ends',
      '{"id":"x,"token":"secret"}',
      '{"id":"x,"token":"******"}',
    ],
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

  /** The word, with any of its characters as an escape. */
  const spelling = fc
    .array(fc.constantFrom('plain', 'lower', 'upper'), { minLength: 5, maxLength: 5 })
    .map((ways) =>
      ways
        .map((way, at) => {
          const letter = 'token'.charAt(at);
          const hex = letter.charCodeAt(0).toString(16).padStart(4, '0');
          if (way === 'plain') return letter;
          return `\\u${way === 'lower' ? hex : hex.toUpperCase()}`;
        })
        .join(''),
    );
  const blanks = fc.stringMatching(/^[ \t\n\r]{0,3}$/);

  it('masks it however its name is written, and changes nothing else that JSON says', () => {
    fc.assert(
      fc.property(
        spelling,
        blanks,
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.integer({ min: 0 }),
        (name, blank, token, others, place) => {
          const members = Object.entries(others)
            .filter(([other]) => other !== 'token')
            .map(([other, value]) => `${JSON.stringify(other)}:${JSON.stringify(value)}`);
          members.splice(
            place % (members.length + 1),
            0,
            `"${name}"${blank}:${JSON.stringify(token)}`,
          );
          const sent = `{${members.join(',')}}`;

          const kept = payloadAfter(sent);

          expect(Buffer.byteLength(kept)).toBe(Buffer.byteLength(sent));
          const { token: masked, ...rest } = JSON.parse(kept) as Record<string, unknown>;
          expect(masked).toMatch(/^\*+$/);
          // What has no member of that name anywhere else comes back as it was.
          if (!JSON.stringify(others).includes('token')) {
            const { token: _, ...sentRest } = JSON.parse(sent) as Record<string, unknown>;
            expect(rest).toEqual(sentRest);
          }
        },
      ),
    );
  });

  it('masks it in text that is cut off anywhere, after any beginning', () => {
    const secret = 'bfw_secret';
    fc.assert(
      fc.property(spelling, fc.string(), fc.nat(), (name, before, cut) => {
        const whole = `${before}{"${name}":"${secret}","id":"1"}`;
        const kept = payloadAfter(whole.slice(0, Math.max(before.length, cut % whole.length)));

        expect(kept).not.toContain('bfw_');
      }),
    );
  });

  it('reads each byte a bounded number of times', () => {
    // Of each worst shape so much that reading it over and over would take minutes.
    for (const piece of [
      '"',
      '"aaaaa" ',
      '"token" ',
      '"token":',
      '"\\u0074oken":"\\',
      '\\"',
      '"aaaaa"',
    ]) {
      const text = piece.repeat(200_000 / piece.length) + ' '.repeat(200_000);
      expect(payloadAfter(text)).toHaveLength(text.length);
    }
  });

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
