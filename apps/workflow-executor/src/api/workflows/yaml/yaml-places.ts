import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';

/** Both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The name that a key stands for; undefined for a key that is no text. */
export function keyOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  const { value, source } = key;
  return typeof value === 'string' ? value : (source ?? '');
}

/**
 * The offset of the member at a path (`tasks.charge-back.http.url`, `tasks[2].name`): of its name, or of the item of
 * a list. For a path to a missing member, the offset of the innermost member on it that exists.
 */
export function placeIn(root: unknown, path: string): number {
  let node = root;
  let place = startOf(root) ?? 0;
  let rest = path;
  while (rest !== '') {
    const step: Step | undefined = isMap(node)
      ? memberStep(node, rest)
      : isSeq(node)
        ? itemStep(node.items, rest)
        : undefined;
    if (step === undefined) break;
    place = step.place ?? place;
    node = step.node;
    rest = step.rest;
  }
  return place;
}

interface Step {
  readonly node: unknown;
  readonly place: number | undefined;
  readonly rest: string;
}

/** Names may contain dots and brackets: the longest name that matches is taken. */
function memberStep(map: YAMLMap, rest: string): Step | undefined {
  const path = rest.startsWith('.') ? rest.slice(1) : rest;
  let found: { readonly name: string; readonly key: unknown; readonly value: unknown } | undefined;
  for (const { key, value } of map.items) {
    const name = keyOf(key);
    if (name === undefined || !path.startsWith(name)) continue;
    if (!['', '.', '['].includes(path.charAt(name.length))) continue;
    if (found === undefined || name.length > found.name.length) found = { name, key, value };
  }
  if (found === undefined) return undefined;
  return { node: found.value, place: startOf(found.key), rest: path.slice(found.name.length) };
}

function itemStep(items: readonly unknown[], rest: string): Step | undefined {
  const close = rest.indexOf(']');
  const index = rest.startsWith('[') && close > 0 ? Number(rest.slice(1, close)) : NaN;
  if (!(index < items.length)) return undefined;
  const node = items[index];
  return { node, place: startOf(node), rest: rest.slice(close + 1) };
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
