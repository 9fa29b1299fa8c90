import { BoundedMap } from './bounded-map.js';

describe(BoundedMap.name, () => {
  it('lets the least recently used entry go', () => {
    const map = new BoundedMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.get('a');

    map.set('c', 3);

    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
    expect(map.size).toBe(2);
  });

  it('replaces an entry without letting another go', () => {
    const map = new BoundedMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);

    map.set('a', 3);

    expect([map.get('a'), map.get('b')]).toEqual([3, 2]);
  });

  it('forgets what is deleted', () => {
    const map = new BoundedMap<number>(2);
    map.set('a', 1);

    map.delete('a');
    map.delete('never there');

    expect(map.get('a')).toBeUndefined();
  });
});
