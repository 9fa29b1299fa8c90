import { withLowerCaseNames } from './headers.js';

describe(withLowerCaseNames.name, () => {
  it('keeps every header, also one with a name such as __proto__', () => {
    const headers = Object.fromEntries([
      ['CE-Id', '1'],
      ['__proto__', 'sent'],
    ]);

    expect(Object.entries(withLowerCaseNames(headers))).toEqual([
      ['ce-id', '1'],
      ['__proto__', 'sent'],
    ]);
  });
});
