import { type FlowError } from '../flow-error.js';

/** The error of ours that `act` throws; fails the test when it throws none. */
export function errorOf(act: () => unknown): FlowError {
  try {
    act();
  } catch (error) {
    return error as FlowError;
  }
  throw new Error('Nothing was thrown');
}
