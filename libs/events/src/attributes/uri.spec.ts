import { isAbsoluteUri, isUriReference } from './uri.js';

const ABSOLUTE = [
  'https://github.com/cloudevents',
  'mailto:cncf-wg-serverless@lists.cncf.io',
  'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66',
  'http://user:pass@example.com:8080/a/b?c=d/e?f',
  'http://[2001:db8::7]:80/',
  'http://[v7.a:b]/',
  'file:///etc/passwd',
  'a:',
  'http://a/%20',
];
const RELATIVE = [
  '/cloudevents/spec/pull/123',
  '1-555-123-4567',
  '//host/path',
  '?query',
  '#fragment',
  'a/b:c',
  './a:b',
  'https://a/b#fragment',
];
const WRONG = [
  ' ',
  'a b',
  'http://a b/',
  '/ü',
  '/%zz',
  '/%2',
  '<a>',
  '/a|b',
  '/a\\b',
  '1a:b',
  ':a',
  'http://[::1',
  'http://a:port/',
  'a#b#c',
  '/a\n',
];

describe(isUriReference.name, () => {
  it.each([...ABSOLUTE, ...RELATIVE])('takes %s', (text) => {
    expect(isUriReference(text)).toBe(true);
  });

  it.each(WRONG)('refuses "%s"', (text) => {
    expect(isUriReference(text)).toBe(false);
  });
});

describe(isAbsoluteUri.name, () => {
  it.each(ABSOLUTE)('takes %s', (text) => {
    expect(isAbsoluteUri(text)).toBe(true);
  });

  it.each([...RELATIVE, ...WRONG])('refuses "%s"', (text) => {
    expect(isAbsoluteUri(text)).toBe(false);
  });

  it('takes a megabyte without running out of stack', () => {
    expect(isAbsoluteUri(`http://a/${'%41'.repeat(350_000)}`)).toBe(true);
    expect(isAbsoluteUri(`http://${'a'.repeat(1_000_000)}|`)).toBe(false);
  });
});
