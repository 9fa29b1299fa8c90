import 'reflect-metadata';
import { getMetadataStorage, ValidationTypes } from 'class-validator';
import { allowedBy, type Rule } from './allowed.js';
import { SECRET } from './decorators.js';

export type VariableType = 'integer' | 'number' | 'boolean' | 'text' | 'list';

/** A class whose fields are environment variables: decorated, without constructor arguments. */
export type ConfigClass<T extends object> = new () => T;

/** One environment variable, as the decorators of its field describe it. */
export interface Variable {
  readonly name: string;
  readonly type: VariableType;
  readonly optional: boolean;
  readonly secret: boolean;
  /** The allowed values in words, such as "an integer from 1 to 100". */
  readonly allowed: string;
  readonly description: string;
  /** Its name in the last release, which is still read. */
  readonly formerName?: string;
}

const DESCRIPTION = Symbol('description of a variable');
const FORMER_NAME = Symbol('former name of a variable');
/** The rule of `@IsOptional` and `@ValidateIf`: the variable may be absent, always or under a condition. */
const OPTIONAL = 'optional';

/** Says in a sentence what the variable is for; docs/configuration.md shows it. */
export function Describe(sentence: string): PropertyDecorator {
  return Reflect.metadata(DESCRIPTION, sentence);
}

/** Marks a renamed variable: for one release its former name is read, too. */
export function FormerName(name: string): PropertyDecorator {
  return Reflect.metadata(FORMER_NAME, name);
}

/** The variables of a class, in the order in which they are declared. */
export function variablesOf<T extends object>(configClass: ConfigClass<T>): readonly Variable[] {
  const rulesByName = new Map<string, Rule[]>();
  for (const rule of rulesOf(configClass)) {
    rulesByName.set(rule.variable, [...(rulesByName.get(rule.variable) ?? []), rule]);
  }
  return Array.from(rulesByName, ([name, rules]) => variableOf(configClass, name, rules));
}

function rulesOf(configClass: ConfigClass<object>): readonly Rule[] {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(configClass, '', true, false);
  return metadata.map((rule) => ({
    variable: rule.propertyName,
    name:
      rule.type === ValidationTypes.CONDITIONAL_VALIDATION ? OPTIONAL : (rule.name ?? rule.type),
    constraints: constraintsOf(rule),
    ...(rule.context as Pick<Rule, 'allowed' | 'list'> | undefined),
  }));
}

function variableOf(
  configClass: ConfigClass<object>,
  name: string,
  rules: readonly Rule[],
): Variable {
  const prototype = configClass.prototype as object;
  const has = (rule: string): boolean => rules.some((each) => each.name === rule);
  const description: unknown = Reflect.getMetadata(DESCRIPTION, prototype, name);
  const formerName: unknown = Reflect.getMetadata(FORMER_NAME, prototype, name);
  return {
    name,
    type: typeOf(rules, Reflect.getMetadata('design:type', prototype, name)),
    optional: has(OPTIONAL),
    secret: has(SECRET),
    allowed: allowedBy(rules),
    description: typeof description === 'string' ? description : '',
    ...(typeof formerName === 'string' && { formerName }),
  };
}

/** The type of a variable. Lists are recognized by their decorators, because compilers differ on the type of `readonly X[]`. */
function typeOf(rules: readonly Rule[], constructor: unknown): VariableType {
  if (rules.some((rule) => rule.list === true || rule.name === 'isArray')) return 'list';
  if (rules.some((rule) => rule.name === 'isInt')) return 'integer';
  if (constructor === Number) return 'number';
  return constructor === Boolean ? 'boolean' : 'text';
}

/** The constraints of a rule. For a decorator without any they are absent, although the type says otherwise. */
function constraintsOf(rule: { readonly constraints?: unknown }): readonly unknown[] {
  return Array.isArray(rule.constraints) ? rule.constraints : [];
}
