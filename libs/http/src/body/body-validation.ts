import { type Problem, unknownMember } from '@app/errors';
import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { BodyInvalidError } from '../errors.js';
import { type ClassConstructor, instanceToPlain, plainToInstance } from 'class-transformer';
import { getMetadataStorage, ValidateIf } from 'class-validator';

/** Problems in one answer; further ones are left out. */
const PROBLEMS_MAX = 100;

/**
 * Checks bodies and queries against their class-validator classes, and reports every problem with
 * its path. Members that the class does not declare are problems too: a misspelt member must not be
 * dropped in silence.
 */
export function bodyValidation(): ValidationPipe {
  return new AsGivenPipe({
    transformerPackage: {
      plainToInstance: (of, plain) => toInstance(of, plain, ''),
      classToPlain: (of) => instanceToPlain(of),
    },
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    validationError: { target: true, value: false },
    exceptionFactory: (errors: ValidationError[]) => invalid(problemsIn(errors)),
  });
}

function invalid(problems: readonly Problem[]): BodyInvalidError {
  const shown = problems.slice(0, PROBLEMS_MAX);
  return new BodyInvalidError('The request has members that are not valid', shown);
}

/**
 * Keeps members named `constructor`, which Nest's pipe removes as a protection of prototypes. In values whose names
 * are chosen by users they are data: without a label of that name, the scope of a token would be wider. `json-body.ts`
 * rejects `__proto__`, and makes all other members own properties.
 */
class AsGivenPipe extends ValidationPipe {
  protected override stripProtoKeys(): void {
    return;
  }
}

/**
 * An instance of the class. Objects in members without a class of their own stay as they were given, because
 * class-transformer would copy them in part. So it gets empty objects in their place, which show the class of each
 * member; members with a class are converted by a call of their own.
 *
 * @throws BodyInvalidError for members such as `toString`: class-transformer drops those that every object inherits
 */
function toInstance<T>(of: ClassConstructor<T>, plain: unknown, path: string): T | T[] {
  if (!isObject(plain) || Array.isArray(plain)) return plainToInstance<T, unknown>(of, plain);
  const made = plainToInstance(of, Object.fromEntries(Object.entries(plain).map(emptied)));
  const dropped = Object.keys(plain).filter((name) => !Object.hasOwn(made as object, name));
  if (dropped.length > 0) throw invalid(dropped.map((name) => unknownProblem(path, name, of)));
  for (const [name, value] of Object.entries(made as object)) {
    const given: unknown = Object.hasOwn(plain, name) && Reflect.get(plain, name);
    if (!isObject(given) || !isObject(value)) continue;
    Reflect.set(made as object, name, as(value, given, pathTo(path, name)));
  }
  return made;
}

function unknownProblem(parent: string, name: string, of: ClassConstructor<unknown>): Problem {
  return { path: pathTo(parent, name), detail: unknownAmong(name, of) };
}

function emptied([name, value]: [string, unknown]): [string, unknown] {
  if (Array.isArray(value)) return [name, [{}]];
  return [name, isObject(value) ? {} : value];
}

/** The given value as an instance of the class of `empty`; the value itself if that is a plain object. */
function as(empty: object, given: object, path: string): unknown {
  const [one] = Array.isArray(empty) ? (empty as readonly unknown[]) : [empty];
  if (!isObject(one) || one.constructor === Object) return given;
  const of = one.constructor as ClassConstructor<object>;
  if (!Array.isArray(given)) return toInstance(of, given, path);
  return given.map((each, at) => toInstance(of, each, pathTo(path, `${at}`)));
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
    detail: constraint === 'whitelistValidation' ? unknownIn(error) : detail,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsAt(path, child))];
}

function unknownIn({ property, target }: ValidationError): string {
  return unknownAmong(property, target?.constructor ?? Object);
}

/** The detail of an unknown member: the known member with the nearest name, if there is one, and all known members. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as class-validator's types say it
function unknownAmong(property: string, of: Function): string {
  const rules = getMetadataStorage().getTargetValidationMetadatas(of, '', false, false);
  const known = [...new Set(rules.map(({ propertyName }) => propertyName))];
  const members = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`;
  return `${unknownMember(property, known)}: ${members}`;
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
