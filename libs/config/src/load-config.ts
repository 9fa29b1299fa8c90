import { type Problem, FlowError } from '@app/errors';
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
 * not set and keeps the field's default. Variables that the class does not declare are ignored. A renamed variable is
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
    throw new InvalidConfigError(
      variables
        .filter(({ name }) => wrong.has(name))
        .map((variable) => problemWith(variable, isSet.has(variable.name))),
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

function problemWith({ name, allowed }: Variable, isSet: boolean): Problem {
  return { path: name, detail: isSet ? `must be ${allowed}` : `is not set; must be ${allowed}` };
}
