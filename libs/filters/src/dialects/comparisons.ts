import { type JsonValue } from '@app/json';
import { all, type Clause, leaf, type Needs } from '../clause.js';
import { allOrNone, type Compilation } from '../compilation.js';

/** An attribute name of CloudEvents (core 1.0.2, section 3.1); `data` is no attribute. */
const ATTRIBUTE = /^(?!data$)[a-z0-9]{1,64}$/;

const TESTS = {
  exact: (value: string, wanted: string) => value === wanted,
  prefix: (value: string, wanted: string) => value.startsWith(wanted),
  suffix: (value: string, wanted: string) => value.endsWith(wanted),
} as const;

/**
 * `exact`, `prefix` and `suffix` (CloudEvents Subscriptions, 3.2.4.1.1): texts by names of attributes, all of
 * which must fit. An attribute that is an integer or a boolean counts as its text.
 */
export function compileComparisons(
  dialect: keyof typeof TESTS,
  value: JsonValue | undefined,
  path: string,
  compilation: Compilation,
): Clause | null {
  const wanted = compilation.object(value, path, 'texts by names of attributes');
  if (!wanted) return null;
  const clauses = Object.entries(wanted).map(([name, member]) =>
    compileComparison(dialect, name, member, `${path}.${name}`, compilation),
  );
  const compiled = allOrNone(clauses);
  return compiled && all(compiled);
}

function compileComparison(
  dialect: keyof typeof TESTS,
  name: string,
  value: JsonValue,
  path: string,
  compilation: Compilation,
): Clause | null {
  if (!compilation.mayAdd(path)) return null;
  if (!ATTRIBUTE.test(name))
    return compilation.wrong(
      path,
      'is no name of an attribute, which has 1 to 64 of a-z and 0-9; data is seen by "conditions"',
    );
  const wants = compilation.text(value, path);
  if (wants === null) return null;
  const test = TESTS[dialect];
  return leaf(
    { path, wants },
    ({ attribute }) => {
      const saw = attribute(name);
      if (saw === undefined) return { holds: false, reason: `the event has no attribute ${name}` };
      return { holds: test(String(saw), wants), saw };
    },
    dialect === 'exact' ? needsOf(name, wants) : {},
  );
}

function needsOf(name: string, wants: string): Needs {
  if (name === 'type') return { types: new Set([wants]) };
  return name === 'source' ? { sources: new Set([wants]) } : {};
}
