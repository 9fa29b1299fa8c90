import fc from 'fast-check';
import { elementStarts, memberText, valueStart } from './json-source.js';

describe(memberText.name, () => {
  it.each([
    ['{"data":1}', '1'],
    ['{ "data" : [1, {"data":2}] , "x":3}', '[1, {"data":2}]'],
    ['{"a":{"data":1},"b":["data"],"c":"\\"data\\":7"}', undefined],
    ['{"data":1,"data":"two"}', '"two"'],
    ['{"d\\u0061ta":-1.5e3\n}', '-1.5e3'],
    ['{"a":"}\\\\","data":"{[\\"]}"}', '"{[\\"]}"'],
    ['{}', undefined],
    ['  {"x":null,"data":null}  ', 'null'],
  ])('of %s is %s', (text, expected) => {
    expect(memberText(text, valueStart(text), 'data')).toBe(expected);
  });

  it('finds in any object the text that parses to the member', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.jsonValue(),
        fc.nat(3),
        (others, data, indent) => {
          const text = JSON.stringify({ ...others, data }, undefined, indent);

          const found = memberText(text, 0, 'data');

          expect(JSON.parse(found ?? '')).toEqual(JSON.parse(JSON.stringify(data)));
        },
      ),
    );
  });

  it('finds a member nested 100,000 deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);

    expect(memberText(`{"data":${deep}}`, 0, 'data')).toBe(deep);
  });
});

describe(elementStarts.name, () => {
  it.each([
    ['[]', []],
    [' [ ] ', []],
    ['[1, "a,]" ,[2],{"b":[3]}]', ['1', '"', '[', '{']],
  ])('of %s', (text, expected) => {
    const starts = elementStarts(text, valueStart(text));

    expect(starts.map((start) => text[start])).toEqual(expected);
  });
});
