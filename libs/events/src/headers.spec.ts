import { withLowerCaseNames } from './headers.js';

describe(withLowerCaseNames.name, () => {
  it('keeps every header, whatever it is called', () => {
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
