import { isJsonArray, isJsonObject, type JsonValue, parseJsonWithin } from '@app/json';
import { type ScriptLimits } from './script-answer.js';
import { inputText, newMark } from './script-json.js';
import { ScriptThread } from './script-thread.js';

/** Why a script can't be parsed. */
export interface ScriptMistake {
  /** The position of the script among those that were checked. */
  readonly index: number;
  readonly message: string;
  /** From 1, in the script; absent where the engine gives none. */
  readonly line?: number;
  readonly column?: number;
}

const MISTAKES_MAX = 100;
const MESSAGE_CHARS_MAX = 200;

/**
 * A script that parses others, as the prelude does before it runs them, and runs none. Lines count without the head of
 * the function that the engine puts around a script, which takes two.
 */
const PARSE_ALL = `
  const AsyncFunction = (async () => {}).constructor;
  const mistakes = [];
  for (let index = 0; index < input.length && mistakes.length < ${MISTAKES_MAX}; index += 1) {
    try {
      new AsyncFunction('input', input[index]);
    } catch ({ message, lineNumber, columnNumber }) {
      const place = lineNumber > 2 ? { line: lineNumber - 2, column: columnNumber } : {};
      mistakes.push({ index, message: String(message).slice(0, ${MESSAGE_CHARS_MAX}), ...place });
    }
  }
  return mistakes;`;

/** Finds the scripts that no run could parse, before they are saved. */
export class ScriptCheck {
  #before: Promise<unknown> = Promise.resolve();

  /** @param entry the path of the thread's module */
  constructor(
    private readonly limits: ScriptLimits,
    private readonly entry = new URL('./script-worker.js', import.meta.url),
  ) {}

  /**
   * Parses the scripts with the engine that runs them, all in one sandbox of a thread of its own, within the time and
   * the memory of one script. Checks wait for each other.
   * @returns the first mistake of each script, of at most 100; empty when the check could not be completed, as the
   *   scripts fail at their runs then
   */
  async mistakesIn(sources: readonly string[]): Promise<readonly ScriptMistake[]> {
    if (sources.length === 0) return [];
    const check = this.#before.then(() => this.#parse(sources));
    // A check that fails must not fail those behind it.
    this.#before = check.catch(() => undefined);
    return check;
  }

  async #parse(sources: readonly string[]): Promise<readonly ScriptMistake[]> {
    const resultBytesMax = 4 * MISTAKES_MAX * MESSAGE_CHARS_MAX;
    const thread = new ScriptThread(
      this.entry,
      { ...this.limits, resultBytesMax },
      () => undefined,
    );
    const mark = newMark();
    const job = { source: PARSE_ALL, input: inputText(sources, mark), mark };
    const answer = await thread.run(job, new AbortController().signal);
    await thread.close();
    return answer.kind === 'returned' ? mistakesOf(answer.json) : [];
  }
}

/** A script may have code that runs while it is parsed, and change what its sandbox answers: nothing of it is trusted. */
function mistakesOf(json: string | undefined): readonly ScriptMistake[] {
  if (json === undefined) return [];
  const parse = parseJsonWithin(json, { nestingMax: 2, membersMax: 5 * MISTAKES_MAX });
  if (parse.kind === 'beyond' || !isJsonArray(parse.value)) return [];
  return parse.value.flatMap((mistake) => mistakeIn(mistake) ?? []);
}

function mistakeIn(value: JsonValue): ScriptMistake | undefined {
  if (!isJsonObject(value)) return undefined;
  const { index, message, line, column } = value;
  if (typeof index !== 'number' || typeof message !== 'string') return undefined;
  const place = typeof line === 'number' && typeof column === 'number' && { line, column };
  return { index, message: message.slice(0, MESSAGE_CHARS_MAX), ...place };
}
