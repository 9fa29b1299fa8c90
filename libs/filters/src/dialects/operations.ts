import { hintFor } from '@app/errors';
import { isJsonContainer, type JsonObject, type JsonValue } from '@app/json';
import { type Compilation } from '../compilation.js';
import { isSameWithin, textSteps, type Walk } from '@app/json-path';

/** What a condition tests about a value that its path found. */
export interface Operation {
  /** The steps that the test of this value costs, before any comparison. */
  steps(found: JsonValue): number;
  /** Spends steps for its comparisons; the result is meaningless if the walk has run out of steps. */
  holds(found: JsonValue, walk: Walk): boolean;
}

const OPERATIONS = ['equals', 'matches', 'in'];

/** Compiles the operation of a condition; null if it is invalid. */
export function operationOf(
  { operation, value, values }: JsonObject,
  path: string,
  compilation: Compilation,
): Operation | null {
  if (operation === 'matches') return matches(value, `${path}.value`, compilation);
  if (operation === 'in') {
    const list = compilation.list(values, `${path}.values`, 'value');
    return list && oneOf(list);
  }
  if (operation !== 'equals')
    return compilation.wrong(
      `${path}.operation`,
      `must be equals, matches or in${typeof operation === 'string' ? hintFor(operation, OPERATIONS) : ''}`,
    );
  if (value === undefined) return compilation.wrong(`${path}.value`, 'must be there');
  return oneOf([value]);
}

/** The whole text must match; a value that is no text counts as its JSON. */
function matches(
  value: JsonValue | undefined,
  path: string,
  compilation: Compilation,
): Operation | null {
  const pattern = compilation.pattern(value, path);
  if (pattern === null) return null;
  return {
    steps: (found) => {
      const text = scalarText(found);
      return text === undefined ? 1 : pattern.size * (text.length + 1);
    },
    holds: (found) => {
      const text = scalarText(found);
      return text !== undefined && pattern.matches(text);
    },
  };
}

/**
 * Compares by value. Values in Boomerang's conditions are texts, so a text also equals a number or boolean that is
 * written like it.
 */
function oneOf(wanted: readonly JsonValue[]): Operation {
  const texts = new Set(wanted.filter((one) => typeof one === 'string'));
  const others = wanted.filter((one) => typeof one !== 'string');
  return {
    steps: (found) => textSteps(scalarText(found)?.length ?? 0),
    holds: (found, walk) => {
      const text = scalarText(found);
      if (text !== undefined && texts.has(text)) return true;
      return others.some((one) => !walk.isBeyond && isSameWithin(found, one, walk));
    },
  };
}

function scalarText(value: JsonValue): string | undefined {
  return isJsonContainer(value) ? undefined : String(value);
}
