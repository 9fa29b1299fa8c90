import { shapesOfMoreThanLinearWork } from '@app/events/testing';
import { readBearerToken, readToken } from './read-token.js';

const AROUND = [
  ['', ''],
  ['Bearer ', ''],
  ['Bearer ', ' x\u0001'],
] as const;

describe('a header of 100,000 characters of the worst shape', () => {
  it.each([readToken, readBearerToken])('takes %p work in proportion to its length', (read) => {
    const ofHeader = (authorization: string): unknown => read({ headers: { authorization } });

    expect(shapesOfMoreThanLinearWork(ofHeader, AROUND)).toEqual([]);
  });
});
