import { type CesqlValue, INTEGER_MAX, INTEGER_MIN } from '../cesql-value.js';
import { type CesqlFunction, type Fail } from './cesql-function.js';
import { STRING_FUNCTIONS } from './string-functions.js';

/** The mathematical functions of CESQL 3.5.2. */
const MATH_FUNCTIONS: readonly CesqlFunction[] = [
  {
    name: 'ABS',
    parameters: ['integer'],
    returns: 'integer',
    call: ([value]: readonly CesqlValue[], fail: Fail): number => {
      if (value !== INTEGER_MIN) return Math.abs(Number(value));
      fail(`The absolute value of ${INTEGER_MIN} is beyond 32 bits`, 'math');
      return INTEGER_MAX;
    },
  },
];

/** The explicit casts (CESQL 3.7). The argument is cast to its type anyway, so the functions return it. */
const CASTING_FUNCTIONS: readonly CesqlFunction[] = (
  [
    ['INT', 'integer'],
    ['BOOL', 'boolean'],
    ['STRING', 'string'],
  ] as const
).map(([name, returns]) => ({
  name,
  parameters: [returns],
  returns,
  call: ([value = '']) => value,
}));

/** The functions that expressions may call: the built-in ones and the added ones (CESQL 3.5). */
export class CesqlFunctions {
  readonly #byName = new Map<string, CesqlFunction[]>();

  /**
   * @throws TypeError when two definitions of a name accept the same number of arguments, which is a fault of the
   * calling code
   */
  constructor(added: readonly CesqlFunction[] = []) {
    const all = [...CASTING_FUNCTIONS, ...MATH_FUNCTIONS, ...STRING_FUNCTIONS, ...added];
    for (const definition of all) this.#add(definition);
  }

  /** The definition for a call with that many arguments; undefined if there is none. */
  find(name: string, argumentCount: number): CesqlFunction | undefined {
    return this.#byName
      .get(name)
      ?.find(({ parameters, more }) =>
        more ? argumentCount >= parameters.length : argumentCount === parameters.length,
      );
  }

  /** The names of all functions. */
  get names(): Iterable<string> {
    return this.#byName.keys();
  }

  /** The numbers of arguments that a function takes, in words; undefined for an unknown name. */
  usageOf(name: string): string | undefined {
    return this.#byName
      .get(name)
      ?.map(({ parameters, more }) => (more ? `${parameters.length} or more` : parameters.length))
      .join(' or ');
  }

  #add(definition: CesqlFunction): void {
    const { name } = definition;
    const others = this.#byName.get(name) ?? [];
    if (others.some((other) => areAlike(other, definition)))
      throw new TypeError(`The function ${name} is defined twice for a number of arguments`);
    this.#byName.set(name, [...others, definition]);
  }
}

/** Whether both definitions accept the same number of arguments (CESQL 3.5). */
function areAlike(one: CesqlFunction, other: CesqlFunction): boolean {
  const [a, b] = [one.parameters.length, other.parameters.length];
  if (one.more && other.more) return true;
  if (one.more) return b >= a;
  if (other.more) return a >= b;
  return a === b;
}
