import { type Problem } from '@app/errors';
import { ExactNumber, type JsonLimits, jsonObjectOf, type JsonValue } from '@app/json';
import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { keyOf, type Position } from './yaml-places.js';

const NUMBER_OF_JSON = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Makes JSON values of the nodes of one document, within the limits of any other body. */
export class YamlValues {
  readonly problems: Problem[] = [];
  /** Only finished nodes: an alias can't refer to a node that contains it. */
  readonly #anchors = new Map<string, Node>();
  #members = 0;
  #isFull = false;

  constructor(
    private readonly limits: JsonLimits,
    private readonly problemsMax: number,
    private readonly positionOf: (offset: number) => Position,
  ) {}

  of(node: unknown, path = '', depth = 0): JsonValue {
    if (this.#isFull || node === null || node === undefined) return null;
    if (isAlias(node)) {
      const meant = this.#anchors.get(node.source);
      if (meant !== undefined) return this.of(meant, path, depth);
      return this.#problem(node, path, `*${node.source} stands for nothing before it`);
    }
    const value = this.#valueOf(node as Node, path, depth);
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, node as Node);
    return value;
  }

  #valueOf(node: Node, path: string, depth: number): JsonValue {
    if (isScalar(node)) return this.#scalar(node, path);
    if (!this.#fits(node, path, depth)) return null;
    if (isMap(node)) return this.#map(node, path, depth);
    if (!isSeq(node)) return null;
    return node.items.map((item, at) => this.of(item, `${path}[${at}]`, depth + 1));
  }

  /** Aliases count as often as they are used, so that a small text can't stand for a large value. */
  #fits(node: Node, path: string, depth: number): boolean {
    const { nestingMax, membersMax } = this.limits;
    this.#members += isMap(node) || isSeq(node) ? node.items.length : 0;
    const isDeep = depth + 1 > nestingMax;
    if (!isDeep && this.#members <= membersMax) return true;
    const detail = isDeep
      ? `is nested deeper than ${nestingMax} lists and maps (JSON_NESTING_MAX)`
      : `has more than ${membersMax} members in all, aliases written out (JSON_MEMBERS_MAX)`;
    this.#problem(node, path, detail);
    this.#isFull = true;
    return false;
  }

  #map(map: YAMLMap, path: string, depth: number): JsonValue {
    const members: (readonly [string, JsonValue])[] = [];
    const seen = new Set<string>();
    for (const { key, value } of map.items) {
      const name = keyOf(key);
      const at = path === '' ? (name ?? '') : `${path}.${name ?? ''}`;
      const place = (key ?? map) as Node;
      if (name === undefined) this.#problem(place, path, 'has a name that is no text');
      else if (seen.has(name)) this.#problem(place, at, 'is there twice');
      else if (name === '__proto__' || name.includes('\0')) {
        this.#problem(place, at, 'is a name that is not allowed');
      } else members.push([name, this.of(value, at, depth + 1)]);
      if (name !== undefined) seen.add(name);
    }
    return jsonObjectOf(members);
  }

  #scalar(node: Scalar, path: string): JsonValue {
    const { value, source } = node;
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (typeof value !== 'number') return this.#problem(node, path, 'is no value that JSON has');
    if (source !== undefined && NUMBER_OF_JSON.test(source)) return ExactNumber.read(source);
    // Forms that JSON does not have: 0x1f, 0o17, .5, +1.
    if (Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value)))
      return value;
    return this.#problem(node, path, 'is a number that JSON does not have');
  }

  #problem(node: Node, path: string, detail: string): null {
    if (this.problems.length >= this.problemsMax) return null;
    const place = this.positionOf(node.range?.[0] ?? 0);
    this.problems.push({ ...(path !== '' && { path }), detail, ...place });
    return null;
  }
}
