import { readBearerToken, readToken } from './read-token.js';

describe(readToken.name, () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc  ', 'abc'],
    ['Bearer\tabc', 'abc'],
    ['abc', 'abc'],
    [' abc ', 'abc'],
    ['Bearer wrong, Bearer right', 'Bearer wrong, Bearer right'],
    ['wrong other right', 'wrong other right'],
    ['', undefined],
    ['   ', undefined],
    ['Bearer', undefined],
    ['Bearer ', undefined],
  ])('reads the header "%s" as %p', (authorization, token) => {
    expect(readToken({ headers: { authorization } })).toBe(token);
  });

  it.each([
    ['a token', { access_token: 'abc' }, 'abc'],
    ['nothing', {}, undefined],
    ['an empty one', { access_token: '' }, undefined],
    ['two', { access_token: ['a', 'b'] }, undefined],
    ['an object', { access_token: { $gt: '' } }, undefined],
    ['no query', undefined, undefined],
  ])('reads the token of a query with %s', (_, query, token) => {
    expect(readToken({ headers: {}, query })).toBe(token);
  });

  it('prefers the header to the query', () => {
    const query = { access_token: 'of the query' };

    expect(readToken({ headers: { authorization: 'Bearer header' }, query })).toBe('header');
    expect(readToken({ headers: { authorization: 'Basic wrong' }, query })).toBe('wrong');
  });

  it('reads the query if the header is empty', () => {
    const query = { access_token: 'of the query' };

    expect(readToken({ headers: { authorization: '' }, query })).toBe('of the query');
    expect(readToken({ headers: { authorization: 'Bearer ' }, query })).toBe('of the query');
  });
});

describe(readBearerToken.name, () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc ', 'abc'],
    ['abc', undefined],
    ['Bearer', undefined],
    ['Bearer a b', undefined],
    ['Basic abc', undefined],
    [undefined, undefined],
  ])('reads "%s" as %p', (authorization, token) => {
    expect(readBearerToken({ headers: { authorization } })).toBe(token);
  });

  it('ignores the query', () => {
    expect(readBearerToken({ headers: {}, query: { access_token: 'abc' } })).toBeUndefined();
  });
});
