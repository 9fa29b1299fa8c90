import { ValidateIf } from 'class-validator';

/**
 * The member may be left out. Unlike with class-validator's `IsOptional`, null is a value like any
 * other: what a field's type does not have must not reach the code behind it.
 */
export function IfGiven(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}
