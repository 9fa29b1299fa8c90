import { closingLine } from '../../tools/jest/closing-line.mjs';

const result = {
  numPassedTests: 12,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  numPendingTests: 0,
  numTodoTests: 0,
};

describe(closingLine.name, () => {
  it('counts what passed and failed', () => {
    expect(closingLine({ ...result, numFailedTests: 2 })).toBe('12 passed, 2 failed');
  });

  it('counts a file that could not be run as a failure', () => {
    expect(closingLine({ ...result, numRuntimeErrorTestSuites: 1 })).toBe('12 passed, 1 failed');
  });

  it('counts what was skipped, if anything was', () => {
    const line = closingLine({ ...result, numPendingTests: 1, numTodoTests: 2 });

    expect(line).toBe('12 passed, 0 failed, 3 skipped');
  });
});
