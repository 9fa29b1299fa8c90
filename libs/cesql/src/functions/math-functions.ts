import { type CesqlValue, INTEGER_MAX, INTEGER_MIN } from '../cesql-value.js';
import { type CesqlFunction, type Fail } from './cesql-function.js';

/** CESQL 3.5.2. */
export const MATH_FUNCTIONS: readonly CesqlFunction[] = [
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
