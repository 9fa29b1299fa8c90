/** A server program was neither found nor downloaded. The message says what was tried, and the remedies. */
export class ServerBinaryMissingError extends Error {
  /**
   * @param {string} name
   * @param {readonly string[]} attempts what was tried, and why it failed
   * @param {readonly string[]} remedies commands or settings
   */
  constructor(name, attempts, remedies) {
    const list = (/** @type {readonly string[]} */ lines) =>
      lines.map((line) => `\n  - ${line}`).join('');
    super(
      `No ${name} to run. Tried:${list(attempts)}\nAny one of these solves it:${list(remedies)}`,
    );
    this.name = 'ServerBinaryMissingError';
  }
}

/** A server process ended by itself or did not become ready in time. */
export class ServerFailedError extends Error {
  /**
   * @param {string} name
   * @param {string} problem completes the sentence "mongod …"
   * @param {{ logFile: string, lastLines: string }} log
   */
  constructor(name, problem, { logFile, lastLines }) {
    super(`${name} ${problem}. The end of ${logFile}:\n${lastLines || '(empty)'}`);
    this.name = 'ServerFailedError';
  }
}
