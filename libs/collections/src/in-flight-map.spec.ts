import { getHeapSpaceStatistics } from 'node:v8';
import { InFlightMap } from './in-flight-map.js';

const MIB = 2 ** 20;

describe('a map of what is in flight', () => {
  it('has what was set and not deleted, in the order of insertion', () => {
    const map = new InFlightMap<number, string>();
    for (let at = 0; at < 2_000; at++) {
      map.set(at, `value ${at}`);
      if (at >= 3) expect(map.delete(at - 3)).toBe(true);
    }

    expect(map.size).toBe(3);
    expect([...map]).toEqual([
      [1997, 'value 1997'],
      [1998, 'value 1998'],
      [1999, 'value 1999'],
    ]);
    expect([...map.keys()]).toEqual([1997, 1998, 1999]);
    expect([...map.values()]).toEqual(['value 1997', 'value 1998', 'value 1999']);
    expect([map.has(1996), map.has(1997)]).toEqual([false, true]);
    expect([map.get(1996), map.get(1997)]).toEqual([undefined, 'value 1997']);
    expect(map.delete(1996)).toBe(false);
  });

  it('keeps nothing alive that was deleted, once its table was old', () => {
    const map = new InFlightMap<number, unknown>();
    for (let at = -40; at < 0; at++) map.set(at, { at });
    // Young objects that survive two collections become old.
    allocate(20_000, (at) => (kept[at % kept.length] = some(at)));
    for (let at = -40; at < 0; at++) map.delete(at);

    const before = oldBytes();
    let most = before;
    allocate(40_000, (at) => {
      map.set(at, some(at));
      map.delete(at - 64);
      if (at % 1_000 === 0) most = Math.max(most, oldBytes());
    });

    // All of them are 80 MiB; a `Map` in its place keeps half of them and more.
    expect(most - before).toBeLessThan(8 * MIB);
  });
});

const kept: unknown[] = new Array<unknown>(100);

function allocate(times: number, use: (at: number) => void): void {
  for (let at = 0; at < times; at++) use(at);
}

/** An object of 2 KiB. */
function some(at: number): unknown {
  return { at, numbers: new Array<number>(250).fill(at) };
}

function oldBytes(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => name === 'old_space');
  return spaces.reduce((sum, space) => sum + space.space_used_size, 0);
}
