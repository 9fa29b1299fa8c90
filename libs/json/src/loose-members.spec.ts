import fc from 'fast-check';
import { anyText } from '@app/errors/testing';
import { looseMembers } from './loose-members.js';

const NAMES = new Set(['a', 'b']);

function read(text: string): object {
  return Object.fromEntries(looseMembers(text, NAMES));
}

describe(looseMembers.name, () => {
  it.each([
    ['JSON', '{"a":"x","b":1}', { a: 'x', b: '1' }],
    ['a NaN, as Python writes it', '{"data":{"x":NaN},"a":"x"}', { a: 'x' }],
    ['text that is cut off', '{"a":"x","data":{"a":"no"', { a: 'x' }],
    ['a string that is cut off', '{"a":"x","b":"y', { a: 'x' }],
    ['a number that is cut off', '{"a":"x","b":1', { a: 'x' }],
    ['a comma too many', '{"a":"x",}', { a: 'x' }],
    ['escapes', String.raw`{"\u0061":"\"x\"\\","b":"y"}`, { a: '"x"\\', b: 'y' }],
    ['several of a name', '{"a":"x","a":"y"}', { a: 'y' }],
    ['others in what is inside', '{"data":{"a":"no","list":[{"b":2}]},"b": 3 }', { b: '3' }],
    ['a value that is a name', '{"c":"a","b":"x"}', { b: 'x' }],
    ['values of another kind', '{"a":{"b":1},"b":true}', {}],
    ['an array', '[{"a":"x"}]', {}],
    ['nothing', '', {}],
  ])('reads what can be read of %s', (_what, text, members) => {
    expect(read(text)).toEqual(members);
  });

  it('agrees with JSON.parse on JSON, and ends on any text', () => {
    const scalar = fc.oneof(fc.string(), fc.integer());
    const object = fc.record({ a: scalar, data: fc.jsonValue(), b: scalar });
    fc.assert(
      fc.property(object, fc.nat(), ({ a, data, b }, cut) => {
        const text = JSON.stringify({ a, data, b });
        expect(read(text)).toEqual({ a: String(a), b: String(b) });
        expect(Object.keys(read(text.slice(0, cut % text.length))).length).toBeLessThanOrEqual(2);
      }),
    );
    fc.assert(fc.property(anyText(), (text) => void read(text)));
  });

  it('reads behind a member nested 200,000 deep', () => {
    const deep = '['.repeat(200_000);
    expect(read(`{"a":"x","data":${deep}${deep.replaceAll('[', ']')},"b":1}`)).toEqual({
      a: 'x',
      b: '1',
    });
  });
});
