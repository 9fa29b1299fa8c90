import { differencesOf } from './differences-of.js';

describe(differencesOf.name, () => {
  it('finds nothing where all that is declared is there', () => {
    const actual = { name: 'A', subjects: ['a.*'], sealed: false };

    expect(differencesOf({ name: 'A', subjects: ['a.*'] }, actual)).toEqual([]);
  });

  it('names each field that differs, with both values', () => {
    const actual = { subjects: ['a.*'], num_replicas: 1 };

    expect(differencesOf({ subjects: ['b.*'], num_replicas: 3, max_age: 5 }, actual)).toEqual([
      'subjects is ["a.*"], not ["b.*"]',
      'num_replicas is 1, not 3',
      'max_age is unset, not 5',
    ]);
  });
});
