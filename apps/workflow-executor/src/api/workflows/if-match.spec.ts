import { WorkflowChangedError } from '@app/persistence';
import { EtagInvalidError, EtagMissingError } from '../errors.js';
import { etagOf, requiredVersionIn, versionIn } from './if-match.js';

describe(versionIn.name, () => {
  it.each([
    ['is that of the ETag', etagOf({ lockVersion: 7 }), 7],
    ['is the latest of several', '"7", "x", "12"', 12],
    ['is any without the header', undefined, undefined],
    ['is any with a star', ' * ', undefined],
    ['may have lost its quotes', '7', 7],
    ['is that of a strong tag beside a weak one', 'W/"9", "7"', 7],
  ])('%s', (_what, ifMatch, version) => {
    expect(versionIn(ifMatch, 'hello')).toBe(version);
  });

  it.each(['"x"', '"x", "y"', `"${'7'.repeat(16)}"`])('matches no version in %j', (ifMatch) => {
    expect(() => versionIn(ifMatch, 'hello')).toThrow(WorkflowChangedError);
  });

  it.each(['', ' ', ',', 'W/"7"', 'x', '"7', '7"', '-7', '7'.repeat(16)])(
    'says what to send instead of %j',
    (ifMatch) => {
      expect(() => versionIn(ifMatch, 'hello')).toThrow(EtagInvalidError);
    },
  );
});

describe(requiredVersionIn.name, () => {
  it.each([undefined, '', ' '])('is missing in %j', (ifMatch) => {
    expect(() => requiredVersionIn(ifMatch, 'hello')).toThrow(EtagMissingError);
  });
});
