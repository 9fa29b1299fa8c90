import { hintFor, nearestName } from './nearest-name.js';

describe(nearestName.name, () => {
  it.each([
    ['htpp', 'http'],
    ['HTTP', 'http'],
    ['timeot', 'timeout'],
    ['set-proprety', 'set-property'],
    ['id', undefined],
    ['x', undefined],
    ['something', undefined],
  ])('takes %j for %j', (written, meant) => {
    expect(nearestName(written, ['decision', 'http', 'timeout', 'set-property'])).toBe(meant);
  });

  it('says nothing where nothing is near', () => {
    expect(hintFor('colour', ['name'])).toBe('');
  });
});
