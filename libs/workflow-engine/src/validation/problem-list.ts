import { type Problem } from '@app/errors';
import { PROBLEMS_MAX } from '../bounds.js';

/** Collects what is wrong, no more than `PROBLEMS_MAX`: a hostile definition can't make it long. */
export class ProblemList {
  readonly found: Problem[] = [];

  add(path: string, detail: string): void {
    if (this.found.length < PROBLEMS_MAX) this.found.push({ path, detail });
  }
}
