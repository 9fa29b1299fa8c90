import process from 'node:process';
import { messageOf, say } from './say.mjs';

/** The exit code of a process that checked nothing because a program is missing. */
const SKIPPED = 77;

/** Counts checks. The others still run after one has failed, unless the caller ends them. */
export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;

  /**
   * @param {string} name
   * @param {() => Promise<unknown>} run its result is printed beside the name
   * @returns {Promise<boolean>} whether it passed
   */
  async check(name, run) {
    const began = performance.now();
    try {
      const seen = await run();
      this.passed += 1;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      say(`ok      ${name} (${seconds} s)${typeof seen === 'string' ? `: ${seen}` : ''}`);
      return true;
    } catch (error) {
      this.failed += 1;
      say(`FAILED  ${name}: ${messageOf(error)}`);
      return false;
    }
  }

  /**
   * Reports that nothing was checked.
   *
   * @param {string} reason a sentence
   */
  skip(reason) {
    this.skipped += 1;
    say(`${'*'.repeat(78)}\nSKIPPED: ${reason}\n${'*'.repeat(78)}`);
  }

  /**
   * Ends the process's work: the last line on standard output says how many checks passed, failed and were skipped,
   * and the process exits with 0 if all passed, 1 if one failed, 77 if one was skipped.
   */
  close() {
    process.stdout.write(`${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped\n`);
    process.exitCode = this.skipped > 0 ? SKIPPED : Number(this.failed > 0);
  }
}
