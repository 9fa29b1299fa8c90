import { type CesqlFunction } from './cesql-function.js';

/** What a cast is when it is asked for (CESQL 3.7); the cast of the argument is the function. */
export const CASTING_FUNCTIONS: readonly CesqlFunction[] = (
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
