import { Ancestors } from './ancestors.js';
import { reachableFrom, taskGraph, type Graph } from './graph.js';
import { randomDefinition } from '../testing/random-definition.js';
import { SeededRandom } from '../testing/seeded-random.js';

describe(Ancestors.name, () => {
  it('finds the same ancestors as a walk along the edges', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const graph = taskGraph(randomDefinition(new SeededRandom(seed), 80).tasks);
      const ancestors = new Ancestors(graph);
      for (const name of graph.keys()) {
        const walked = reachableFrom(name, graph);
        const found = [...graph.keys()].filter((other) => ancestors.has(name, other));
        expect(new Set(found)).toEqual(walked);
      }
    }
  });

  it('reads each edge once, however many lookups there are', () => {
    let looks = 0;
    const names = Array.from({ length: 1_000 }, (_, at) => `task-${at}`);
    const upstream = new Map(names.map((name, at) => [name, at === 0 ? [] : [`task-${at - 1}`]]));
    const counting = new Proxy(upstream, {
      get: (map, member) => {
        if (member === 'get') looks += 1;
        const value: unknown = Reflect.get(map, member);
        return typeof value === 'function' ? (value.bind(map) as unknown) : value;
      },
    }) as Graph;
    const ancestors = new Ancestors(counting);
    for (const name of names) ancestors.has(name, 'task-0');

    expect(looks).toBeLessThanOrEqual(2 * names.length);
    expect(ancestors.has('task-999', 'task-0')).toBe(true);
    expect(ancestors.has('task-0', 'task-999')).toBe(false);
  });
});
