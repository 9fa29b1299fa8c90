import { type Problem, FlowError, nearestName } from '@app/errors';
import { validateSync } from 'class-validator';
import { type ConfigClass, type Variable, type VariableType, variablesOf } from './variable.js';

/**
 * One or more environment variables are missing or not usable. Each problem's `path` is the name of
 * a variable; neither the message nor the problems hold a value, because values may be secrets.
 */
export class InvalidConfigError extends FlowError {
  readonly code = 'CONFIG_INVALID';
  readonly kind = 'invalid';

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ path, detail }) => `  ${path ?? '(all)'}: ${detail}`);
    super(['The configuration is not valid. Set these and start again:', ...lines].join('\n'), {
      problems,
    });
  }
}

/** The type of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

const DECIMAL = /^[+-]?\d+(?:\.\d+)?$/;

/**
 * Reads the variables that the class declares, converts each to its field's type (whole or decimal number,
 * `true|false|1|0`, comma-separated list, text) and checks it with the field's decorators. An empty variable counts as
 * not set and keeps the field's default. Variables that the class does not declare are ignored (`misspeltNames` warns of some). A renamed variable is
 * read under its former name if it is not set under its own.
 *
 * @throws InvalidConfigError with every problem, by the variable's name and without its value
 */
export function loadConfig<T extends object>(configClass: ConfigClass<T>, env: Environment): T {
  const variables = variablesOf(configClass);
  const values = variables.flatMap(({ name, formerName, type }) => {
    const text = textOf(env, name) || textOf(env, formerName);
    return text === '' ? [] : [[name, converted(text, type)] as const];
  });
  const config = Object.assign(new configClass(), Object.fromEntries(values));
  const wrong = new Set(validateSync(config).map((error) => error.property));
  if (wrong.size > 0) {
    const isSet = new Set(values.map(([name]) => name));
    const misspelt = misspellings(variables, env);
    throw new InvalidConfigError(
      variables
        .filter(({ name }) => wrong.has(name))
        .map((variable) =>
          problemWith(variable, isSet.has(variable.name), misspelt.get(variable.name)),
        ),
    );
  }
  return Object.freeze(config);
}

/** A warning for each variable that is set under its former name, which the next release does not read. */
export function formerNamesSet(
  configClass: ConfigClass<object>,
  env: Environment,
): readonly string[] {
  return variablesOf(configClass).flatMap(({ name, formerName }) =>
    formerName !== undefined && textOf(env, formerName) !== ''
      ? [`${formerName} is called ${name} now; the next release reads the new name alone`]
      : [],
  );
}

/** A warning for each variable that nothing reads, and whose name is nearly that of a variable that is not set. */
export function misspeltNames(
  configClass: ConfigClass<object>,
  env: Environment,
): readonly string[] {
  return Array.from(
    misspellings(variablesOf(configClass), env),
    ([meant, name]) => `${name} is not a setting; did you mean ${meant}?`,
  );
}

/**
 * By the variable that was probably meant, and is not set. Only names of several words are compared: HOME is no
 * misspelling of HOST.
 */
function misspellings(
  variables: readonly Variable[],
  env: Environment,
): ReadonlyMap<string, string> {
  const read = new Set(variables.flatMap(({ name, formerName = name }) => [name, formerName]));
  const unset = [...read].filter((name) => name.includes('_') && textOf(env, name) === '');
  const pairs = Object.keys(env).flatMap((name) => {
    const mayBeMisspelt = !read.has(name) && textOf(env, name) !== '';
    const meant = mayBeMisspelt ? nearestName(name, unset) : undefined;
    return meant === undefined ? [] : [[meant, name] as const];
  });
  return new Map(pairs);
}

function textOf(env: Environment, name: string | undefined): string {
  return (name !== undefined && env[name]?.trim()) || '';
}

/** Converts a text to the type. A text that is not of the type stays as it is, and the decorators refuse it. */
function converted(text: string, type: VariableType): string | number | boolean | string[] {
  switch (type) {
    case 'integer':
    case 'number':
      return DECIMAL.test(text) ? Number(text) : text;
    case 'boolean':
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      return text;
    case 'list':
      return text
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '');
    case 'text':
      return text;
  }
}

function problemWith({ name, allowed }: Variable, isSet: boolean, misspelt?: string): Problem {
  if (isSet) return { path: name, detail: `must be ${allowed}` };
  const hint = misspelt === undefined ? '' : `, but ${misspelt} is`;
  return { path: name, detail: `is not set${hint}; must be ${allowed}` };
}
