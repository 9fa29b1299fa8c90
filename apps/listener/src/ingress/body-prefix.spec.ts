import { Buffer } from 'node:buffer';
import { formTokenInPrefix, textsInPrefix } from './body-prefix.js';

const NAMES = new Set(['id', 'subject', 'type']);

const textsIn = (text: string): object =>
  Object.fromEntries(textsInPrefix(Buffer.from(text), NAMES));

describe(textsInPrefix.name, () => {
  it.each([
    ['{"id":"1","subject":"/a/b","data":{"subject":"/no"', { id: '1', subject: '/a/b' }],
    ['\uFEFF { "subject" : "\\u002fa" , "x": 1', { subject: '/a' }],
    ['{"data":{"a":[{"subject":"/no"}]},"subject":"/a"', { subject: '/a' }],
    ['{"data":"a \\" , \\"subject\\":\\"/no", "subject":"/a"', { subject: '/a' }],
    ['{"n":1,"subject":"/half', {}],
    ['{"subject":null,"type":"a"', { type: 'a' }],
    ['[{"subject":"/a"}', {}],
    ['["subject","/a"', {}],
    ['{"subject":"\\x"', {}],
    ['}}}}"subject":"/a"', {}],
    ['not json', {}],
    ['', {}],
  ])('finds in %s what is there', (text, expected) => {
    expect(textsIn(text)).toEqual(expected);
  });
});

describe(formTokenInPrefix.name, () => {
  it.each([
    ['access_token=a%20b&x=1', 'a b'],
    ['x=1&access_token=ab&y', 'ab'],
    ['x=1&access_token=half', undefined],
    ['access_token=&x=1', undefined],
    ['my_access_token=a&x=1', undefined],
  ])('finds in %s what is there', (text, expected) => {
    expect(formTokenInPrefix(Buffer.from(text))).toBe(expected);
  });
});
