import { isInstalled } from '../../tools/project/dependencies.mjs';

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/for-windows': { version: '1.0.0', optional: true },
  },
};

describe(isInstalled.name, () => {
  it('is true without optional packages', () => {
    const installed = { packages: { 'node_modules/a': { version: '1.0.0' } } };

    expect(isInstalled(wanted, installed)).toBe(true);
  });

  it.each([
    ['a missing package', { packages: {} }],
    ['another version', { packages: { 'node_modules/a': { version: '1.0.1' } } }],
  ])('notices %s', (_what, installed) => {
    expect(isInstalled(wanted, installed)).toBe(false);
  });
});
