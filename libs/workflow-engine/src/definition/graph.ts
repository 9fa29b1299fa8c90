import { type TaskDefinition } from './definition.js';

/** Edges by name. By default they lead upstream, to the names it depends on; `invert` makes the opposite. */
export type Graph = ReadonlyMap<string, readonly string[]>;

export interface Sorted {
  /** Each name after all names it depends on; meaningless when there are cycles. */
  readonly order: readonly string[];
  /** Each cycle as a closed walk along the dependencies (`a`, `b`, `a`); disjoint ones are all found. */
  readonly cycles: readonly (readonly string[])[];
}

/** Orders the names of a graph, stable in the order given. Dependencies on unknown names are ignored. */
export function sortTopologically(upstreamOf: Graph): Sorted {
  const downstreamOf = invert(upstreamOf);
  const open = new Map<string, number>();
  for (const [name, upstream] of upstreamOf) {
    open.set(name, upstream.filter((other) => upstreamOf.has(other)).length);
  }
  const order: string[] = [];
  const cycles: string[][] = [];
  let ready = [...open.keys()].filter((name) => open.get(name) === 0);
  for (;;) {
    for (const name of settleAll(ready, open, downstreamOf)) order.push(name);
    const cycle = findCycle(open, upstreamOf);
    if (cycle === undefined) return { order, cycles };
    cycles.push(cycle);
    // The cycle is removed, so that further cycles are found as well.
    ready = [...new Set(cycle)];
  }
}

/** Removes the ready names, and those that become ready thereby, from `open`. */
function settleAll(
  ready: readonly string[],
  open: Map<string, number>,
  downstreamOf: Graph,
): readonly string[] {
  const settled = [...ready];
  for (const name of ready) open.delete(name);
  // The loop sees what is pushed while it runs.
  for (const name of settled) {
    for (const next of downstreamOf.get(name) ?? []) {
      const left = open.get(next);
      if (left === undefined) continue;
      open.set(next, left - 1);
      if (left > 1) continue;
      open.delete(next);
      settled.push(next);
    }
  }
  return settled;
}

/** Finds a cycle by walking upstream: every open name depends on an open one, so the walk must meet a name again. */
function findCycle(open: ReadonlyMap<string, number>, upstreamOf: Graph): string[] | undefined {
  const walked: string[] = [];
  let [name] = open.keys();
  while (name !== undefined) {
    const seenAt = walked.indexOf(name);
    if (seenAt !== -1) return [...walked.slice(seenAt), name];
    walked.push(name);
    name = upstreamOf.get(name)?.find((other) => open.has(other));
  }
  return undefined;
}

/** The names that depend on each name. */
export function invert(upstreamOf: Graph): Graph {
  const downstreamOf = new Map<string, string[]>();
  for (const name of upstreamOf.keys()) downstreamOf.set(name, []);
  for (const [name, upstream] of upstreamOf) {
    for (const other of upstream) downstreamOf.get(other)?.push(name);
  }
  return downstreamOf;
}

/** The names that can be reached from one, itself not included unless it is on a cycle. */
export function reachableFrom(name: string, nextOf: Graph): ReadonlySet<string> {
  const reached = new Set(nextOf.get(name));
  for (const other of reached) for (const next of nextOf.get(other) ?? []) reached.add(next);
  return reached;
}

/** Separates the tasks of `finally` (`last`) from all others (`main`). */
export function splitFinally(tasks: readonly TaskDefinition[]): {
  readonly main: readonly TaskDefinition[];
  readonly last: readonly TaskDefinition[];
} {
  const isLast = (task: TaskDefinition): boolean => task.finally === true;
  return { main: tasks.filter((task) => !isLast(task)), last: tasks.filter(isLast) };
}

/** The dependencies of tasks, without those on themselves, which the validation reports separately. */
export function taskGraph(tasks: readonly TaskDefinition[]): Graph {
  return new Map(
    tasks.map(({ name, dependencies = [] }) => [
      name,
      dependencies.map(({ taskRef }) => taskRef).filter((taskRef) => taskRef !== name),
    ]),
  );
}
