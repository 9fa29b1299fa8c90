import { hintFor, type Problem } from '@app/errors';
import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { BodyInvalidError } from '../errors.js';
import { type ClassConstructor, instanceToPlain, plainToInstance } from 'class-transformer';
import { getMetadataStorage, ValidateIf } from 'class-validator';

/** The answer to a body with more problems lists the first of them. */
const PROBLEMS_MAX = 100;

/**
 * Checks bodies and queries against their class-validator classes, and reports every problem with
 * its path. Members that the class does not declare are problems too: a misspelt setting that was
 * dropped in silence would be found much later.
 */
export function bodyValidation(): ValidationPipe {
  return new AsGivenPipe({
    transformerPackage: { plainToInstance: toInstance, classToPlain: (of) => instanceToPlain(of) },
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    validationError: { target: true, value: false },
    exceptionFactory: (errors: ValidationError[]) =>
      new BodyInvalidError('The request has members that are not valid', problemsIn(errors)),
  });
}

/**
 * Leaves names such as `constructor` in what is a user's. They come from our own reader of JSON, as members like
 * any others. Without one of its labels, the scope of a token would be a wider one.
 */
class AsGivenPipe extends ValidationPipe {
  protected override stripProtoKeys(): void {
    return;
  }
}

/**
 * An instance of the class. Members without a class of their own are those that were given: class-transformer
 * would copy a part of them. So it gets an empty object in the place of each, and tells which have a class.
 */
function toInstance<T>(of: ClassConstructor<T>, plain: unknown): T | T[] {
  if (!isObject(plain) || Array.isArray(plain)) return plainToInstance<T, unknown>(of, plain);
  const made = plainToInstance(of, Object.fromEntries(Object.entries(plain).map(emptied)));
  for (const [name, value] of Object.entries(made as object)) {
    const given: unknown = Object.hasOwn(plain, name) && Reflect.get(plain, name);
    if (isObject(given) && isObject(value)) Reflect.set(made as object, name, as(value, given));
  }
  return made;
}

function emptied([name, value]: [string, unknown]): [string, unknown] {
  if (Array.isArray(value)) return [name, [{}]];
  return [name, isObject(value) ? {} : value];
}

/** What was given, of the class that the empty one was made of. */
function as(empty: object, given: object): unknown {
  const [one] = Array.isArray(empty) ? (empty as readonly unknown[]) : [empty];
  if (!isObject(one) || one.constructor === Object) return given;
  const of = one.constructor as ClassConstructor<object>;
  return Array.isArray(given) ? given.map((each) => toInstance(of, each)) : toInstance(of, given);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Every constraint that failed, with a path such as `tasks[0].name`. */
export function problemsIn(errors: readonly ValidationError[]): readonly Problem[] {
  return errors.flatMap((error) => problemsAt('', error)).slice(0, PROBLEMS_MAX);
}

function problemsAt(parent: string, error: ValidationError): readonly Problem[] {
  const path = pathTo(parent, error.property);
  const own = Object.entries(error.constraints ?? {}).map(([constraint, detail]) => ({
    path,
    detail: constraint === 'whitelistValidation' ? unknownMember(error) : detail,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsAt(path, child))];
}

/** Says what the member may have been meant to be, and which members there are. */
function unknownMember({ property, target }: ValidationError): string {
  const of = target?.constructor ?? Object;
  const rules = getMetadataStorage().getTargetValidationMetadatas(of, '', false, false);
  const known = [...new Set(rules.map(({ propertyName }) => propertyName))];
  const members = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`;
  return `is not a known member${hintFor(property, known)}: ${members}`;
}

function pathTo(parent: string, property: string): string {
  if (parent === '') return property;
  return /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`;
}

/**
 * The member may be left out. Unlike with class-validator's `IsOptional`, null is not accepted in place of the type.
 */
export function IfGiven(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}
