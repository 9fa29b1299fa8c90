import { errorOf } from '@app/errors/testing';
import { parseWithin } from './limits.js';

describe(parseWithin.name, () => {
  it('refuses what is beyond the limits, with the setting in its problem', () => {
    const limits = { nestingMax: 2, membersMax: 2 };
    const rejection = errorOf(() => parseWithin(Buffer.from('[1,2,3]'), limits));

    expect(rejection).toMatchObject({ code: 'BODY_OUT_OF_BOUNDS' });
    expect(rejection.problems).toEqual([
      { path: '', detail: expect.stringMatching(/more than 2 .*JSON_MEMBERS_MAX/) as string },
    ]);
    expect(parseWithin(Buffer.from('[1,2,3]'), undefined).text).toBe('[1,2,3]');
  });
});
