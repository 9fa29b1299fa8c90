/** One class-validator decorator on one variable. */
export interface Rule {
  readonly variable: string;
  /** The name of the decorator in class-validator: `isInt`, `min`. */
  readonly name: string;
  readonly constraints: readonly unknown[];
  /** The allowed values in words, if the decorator has them (`context.allowed`). */
  readonly allowed?: string;
  /** Whether the value is a list, which the environment separates with commas. */
  readonly list?: boolean;
}

/** The allowed values of a variable in words, such as "an integer from 1 to 100". */
export function allowedBy(rules: readonly Rule[]): string {
  const phrases = rules.map(phraseOf).filter((phrase) => phrase !== undefined);
  const range = rangeOf(rules);
  const what = phrases.length > 0 ? phrases.join(', ') : 'text';
  return range === undefined ? what : `${what} ${range}`;
}

function phraseOf(rule: Rule): string | undefined {
  if (rule.allowed !== undefined) return rule.allowed;
  switch (rule.name) {
    case 'isInt':
      return 'an integer';
    case 'isNumber':
      return 'a number';
    case 'isBoolean':
      return 'true, false, 1 or 0';
    case 'isIn':
      return `one of ${listed(rule.constraints[0])}`;
    case 'minLength':
      return `${String(rule.constraints[0])} characters or more`;
    case 'maxLength':
      return `${String(rule.constraints[0])} characters or fewer`;
    case 'matches':
      return `text that matches ${String(rule.constraints[0])}`;
    default:
      return undefined;
  }
}

function rangeOf(rules: readonly Rule[]): string | undefined {
  const min = boundOf(rules, 'min');
  const max = boundOf(rules, 'max');
  if (min !== undefined && max !== undefined) return `from ${min} to ${max}`;
  if (min !== undefined) return `of ${min} or more`;
  if (max !== undefined) return `of ${max} or less`;
  return undefined;
}

function boundOf(rules: readonly Rule[], name: 'min' | 'max'): number | undefined {
  const bound = rules.find((rule) => rule.name === name)?.constraints[0];
  return typeof bound === 'number' ? bound : undefined;
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : String(values);
}
