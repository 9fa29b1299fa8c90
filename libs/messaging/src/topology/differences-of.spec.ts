import { differencesOf } from './differences-of.js';

describe(differencesOf.name, () => {
  it('finds no difference if all declared fields are set', () => {
    const actual = { name: 'A', subjects: ['a.*'], deny_delete: false };

    expect(differencesOf({ name: 'A', subjects: ['a.*'] }, actual).lines).toEqual([]);
  });

  it('names each field that differs, with both values', () => {
    const actual = { subjects: ['a.*'], num_replicas: 1 };

    expect(differencesOf({ subjects: ['b.*'], num_replicas: 3, max_age: 5 }, actual).lines).toEqual(
      ['subjects is ["a.*"], not ["b.*"]', 'num_replicas is 1, not 3', 'max_age is unset, not 5'],
    );
  });

  it('finds fields that are set and not declared, except those that are left to operators', () => {
    const actual = { filter_subject: 'a.none', metadata: { by: 'ops' }, max_msgs: 5 };

    const { lines, undeclared } = differencesOf({}, actual, new Set(['metadata']));

    expect(undeclared).toEqual(['filter_subject', 'max_msgs']);
    expect(lines).toEqual(['filter_subject is "a.none", not unset', 'max_msgs is 5, not unset']);
  });

  it.each([undefined, null, false, 0, -1, '', 'none', 'default', {}, []])(
    'takes %j for unset',
    (value) => {
      expect(differencesOf({}, { field: value }).lines).toEqual([]);
    },
  );
});
