import { findVersion, isAtLeast } from '../../tools/servers/version.mjs';

describe(findVersion.name, () => {
  it.each([
    ['db version v6.0.5\nBuild Info: {', '6.0.5'],
    ['nats-server: v2.14.0', '2.14.0'],
    ['nats-server: v2.12.0-RC.1', '2.12.0'],
  ])('finds it in %j', (printed, version) => {
    expect(findVersion(printed)).toBe(version);
  });

  it('finds none in a text without one', () => {
    expect(findVersion('command not found')).toBeUndefined();
  });
});

describe(isAtLeast.name, () => {
  it.each([
    ['2.10.0', '2.10.0', true],
    ['2.14.0', '2.10.0', true],
    ['2.9.25', '2.10.0', false],
    ['10.0.0', '6.0.0', true],
    ['5.9.9', '6.0.0', false],
  ])('compares %s with %s by number', (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected);
  });
});
