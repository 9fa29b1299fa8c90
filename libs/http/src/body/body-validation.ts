import { type Problem } from '@app/errors';
import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { BodyInvalidError } from '../errors.js';
import { ValidateIf } from 'class-validator';

/** The answer to a body with more problems lists the first of them. */
const PROBLEMS_MAX = 100;

/**
 * Checks bodies and queries against their class-validator classes, and reports every problem with
 * its path. Members that the class does not declare are problems too: a misspelt setting that was
 * dropped in silence would be found much later.
 */
export function bodyValidation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors: ValidationError[]) =>
      new BodyInvalidError('The request has members that are not valid', problemsIn(errors)),
  });
}

/** Every constraint that failed, with a path such as `tasks[0].name`. */
export function problemsIn(errors: readonly ValidationError[]): readonly Problem[] {
  return errors.flatMap((error) => problemsAt('', error)).slice(0, PROBLEMS_MAX);
}

function problemsAt(parent: string, error: ValidationError): readonly Problem[] {
  const path = pathTo(parent, error.property);
  const own = Object.values(error.constraints ?? {}).map((detail) => ({ path, detail }));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsAt(path, child))];
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
