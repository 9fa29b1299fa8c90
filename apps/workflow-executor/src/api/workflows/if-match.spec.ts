import { WorkflowChangedError } from '@app/persistence';
import { EtagMissingError } from '../errors.js';
import { etagOf, requiredVersionIn, versionIn } from './if-match.js';

describe(versionIn.name, () => {
  it.each([
    ['is that of the ETag', etagOf({ lockVersion: 7 }), 7],
    ['is the latest of several', '"7", "x", "12"', 12],
    ['is any without the header', undefined, undefined],
    ['is any with a star', ' * ', undefined],
  ])('%s', (_what, ifMatch, version) => {
    expect(versionIn(ifMatch, 'hello')).toBe(version);
  });

  it.each(['', ' ', ',', 'W/"7"', '7', '"7', `"${'7'.repeat(16)}"`])(
    'matches no version in %j',
    (ifMatch) => {
      expect(() => versionIn(ifMatch, 'hello')).toThrow(WorkflowChangedError);
    },
  );
});

describe(requiredVersionIn.name, () => {
  it.each([undefined, '', ' '])('is missing in %j', (ifMatch) => {
    expect(() => requiredVersionIn(ifMatch, 'hello')).toThrow(EtagMissingError);
  });
});
