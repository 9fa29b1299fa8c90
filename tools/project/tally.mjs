import { say } from './say.mjs';

/** Counts checks. One that fails does not keep the next from being made. */
export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;

  /**
   * @param {string} name
   * @param {() => Promise<unknown>} run what it returns is said beside the name
   */
  async check(name, run) {
    const began = performance.now();
    try {
      const seen = await run();
      this.passed += 1;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      say(`ok      ${name} (${seconds} s)${typeof seen === 'string' ? `: ${seen}` : ''}`);
    } catch (error) {
      this.failed += 1;
      say(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
