import { createHash } from 'node:crypto';
import { activityIdOf } from './event-identity.js';

describe(activityIdOf.name, () => {
  it('is SHA-256 over the parts as a JSON array', () => {
    const expected = createHash('sha256').update('["wf1","/s","1"]').digest('hex');

    expect(activityIdOf('wf1', '/s', '1')).toBe(expected);
  });

  it('differs for parts whose concatenation is the same', () => {
    expect(activityIdOf('a', 'bc', 'd')).not.toBe(activityIdOf('ab', 'c', 'd'));
    expect(activityIdOf('a', '","', 'd')).not.toBe(activityIdOf('a', '', '","d'));
  });
});
