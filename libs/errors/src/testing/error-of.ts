import { type FlowError } from '../flow-error.js';

/** The `FlowError` that `act` throws. @throws Error when it throws nothing */
export function errorOf(act: () => unknown): FlowError {
  try {
    act();
  } catch (error) {
    return error as FlowError;
  }
  throw new Error('Nothing was thrown');
}
