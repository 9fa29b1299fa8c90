import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../../tools/project/project-root.mjs';
import { type BegunRun } from './task-verdict.js';

const REGISTER = pathToFileURL(path.join(projectRoot, 'tools/histories/recorded-step.mjs')).href;
export const HISTORIES = path.join(projectRoot, 'test/fixtures/histories');
/** One with more says nothing that these do not. */
const STEPS_MAX = 30;
/** In the place of the random text that each driver marks secrets with: all steps of a run have one scope. */
const NONCE = 'nonce';

interface Step {
  readonly activity: string;
  readonly scope: { readonly secretNonce?: string };
}

/** What executors record of the steps of their runs, for tests that replay it. */
export class TaskHistories {
  private constructor(private readonly folder: string) {}

  static async begin(): Promise<TaskHistories> {
    return new TaskHistories(await mkdtemp(path.join(tmpdir(), 'flow-steps-')));
  }

  /** Of each executor. */
  get env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import=${REGISTER}`, RECORD_STEPS: this.folder };
  }

  /** Keeps of each workflow the run that took most steps, up to a bound. */
  async keep(begun: readonly BegunRun[], definitions: ReadonlyMap<string, unknown>): Promise<void> {
    const steps = await this.#stepsByRun();
    await mkdir(HISTORIES, { recursive: true });
    for (const [name, definition] of definitions) {
      const ofRuns = begun.flatMap(({ workflow, id }) =>
        workflow === name ? [steps.get(id) ?? []] : [],
      );
      const [longest = []] = ofRuns
        .filter(({ length }) => length <= STEPS_MAX)
        .toSorted((a, b) => b.length - a.length);
      if (longest.length === 0) continue;
      const scope = longest[0]?.scope;
      const own = longest.map(({ activity: _, scope: __, ...step }) => step);
      const text = JSON.stringify({ workflow: name, definition, scope, steps: own });
      await writeFile(path.join(HISTORIES, `${name}.json`), `${text}\n`);
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #stepsByRun(): Promise<ReadonlyMap<string, readonly Step[]>> {
    const byRun = new Map<string, Step[]>();
    for (const step of await this.#steps()) {
      const known = byRun.get(step.activity) ?? [];
      byRun.set(step.activity, [...known, step]);
    }
    return byRun;
  }

  async #steps(): Promise<readonly Step[]> {
    const files = await readdir(this.folder);
    const texts = await Promise.all(
      files.map((file) => readFile(path.join(this.folder, file), 'utf8')),
    );
    // A process that was killed may have left half a line.
    const lines = texts.flatMap((text) => text.split('\n').filter((line) => line.endsWith('}')));
    return lines.map(stepIn);
  }
}

function stepIn(line: string): Step {
  const step = JSON.parse(line) as Step;
  const { secretNonce } = step.scope;
  return secretNonce === undefined
    ? step
    : (JSON.parse(line.replaceAll(secretNonce, NONCE)) as Step);
}
