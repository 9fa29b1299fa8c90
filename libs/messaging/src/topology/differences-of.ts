import { isDeepStrictEqual } from 'node:util';

/** The fields of a stream or consumer that are not as declared. */
export interface Differences {
  /** One line for each field, with its actual and its declared value. */
  readonly lines: readonly string[];
  /** The fields that differ and that are declared. */
  readonly declared: readonly string[];
  /** The fields that are set although nothing is declared for them. */
  readonly undeclared: readonly string[];
}

/**
 * The fields of `declared` whose actual value is different, and all other fields that have an effect: a filter,
 * pause or limit that an operator set can stop messages, too.
 *
 * @param leftAlone fields that may be set freely, because they do not decide which messages are stored or delivered
 */
export function differencesOf(
  declared: object,
  actual: object,
  leftAlone: ReadonlySet<string> = new Set(),
): Differences {
  const found = new Map(Object.entries(actual));
  const wanted = new Map(Object.entries(declared));
  const different = [...wanted.keys()].filter(
    (field) => !isDeepStrictEqual(found.get(field), wanted.get(field)),
  );
  const extra = [...found.keys()].filter(
    (field) => !wanted.has(field) && !leftAlone.has(field) && !isNothing(found.get(field)),
  );
  const line = (field: string): string =>
    `${field} is ${text(found.get(field))}, not ${text(wanted.get(field))}`;
  return { lines: [...different, ...extra].map(line), declared: different, undeclared: extra };
}

const NOTHING: readonly unknown[] = [undefined, null, false, 0, -1, '', 'none', 'default'];

/** Whether a value is one of those with which the server reports a field without effect. */
function isNothing(value: unknown): boolean {
  if (NOTHING.includes(value)) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function text(value: unknown): string {
  return value === undefined ? 'unset' : JSON.stringify(value);
}
